/**
 * The relay's sessions at the broker: the main session and, with a users file, one durable session for each user or group of
 * users. PUBACKs are sent in order within a session, so a message that cannot be stored delays only its own session.
 */
import { createHmac } from "node:crypto";
import {
  BROKER_DROPPED_TOPIC,
  BROKER_HEAP_TOPIC,
  BROKER_STORED_BYTES_TOPIC,
  LEGACY_TOPIC,
  userFilter,
} from "#contract/wire/topics.ts";
import { startBrokerSession } from "./broker-session.ts";
import type { RelayConfig } from "./config.ts";
import type { Handover } from "./handover-file.ts";
import type { Logger } from "./logger.ts";
import { MAIN_SESSION } from "./main-session.ts";
import { startRelaySession, type RelaySession, type RelaySessionOptions } from "./relay-session.ts";
import { readUsersFile, type SessionOfUser } from "./users-file.ts";

/** Topic filter for the messages of every user. Subscribed by the main session of a relay without a users file. */
const ALL_USERS_FILTER = "logs/#";

/** Name of the connection that receives the size of the broker's queues and its memory. */
const STATUS_SESSION = "_status";

/** Interval at which the users file is read. */
const POLL_MS = 1_000;

export interface SessionsOptions extends Pick<
  RelaySessionOptions,
  "heldMemory" | "acknowledgedMemory" | "metrics" | "onMessage" | "onHeldBack" | "onHandoverEnd" | "logger"
> {
  readonly config: RelayConfig;
  readonly handover: Handover;
  /** The content of the users file at the start. */
  readonly users: SessionOfUser;
  /** Names of the users of each session that exists at the broker, by session name. Changed by this module. */
  readonly known: Record<string, string[]>;
  readonly onKnownChange: () => void;
  /** The broker does not have a session that existed before: its messages are lost. */
  readonly onSessionLost: (session: string) => void;
  readonly onBrokerDropped: (messages: number) => void;
  readonly onBrokerStoredBytes: (bytes: number) => void;
  readonly onBrokerHeapBytes: (bytes: number) => void;
}

export interface Sessions {
  readonly main: RelaySession;
  readonly all: readonly RelaySession[];
  /**
   * True if the session of this user is connected and has its subscription. `undefined` if the user is not in the users
   * file.
   */
  isSubscribed(user: string): boolean | undefined;
  /** Stops reading the users file and the status of the broker. */
  stopWatching(): Promise<void>;
}

/** Client ids are secrets: another client that uses one takes the session over. */
const toClientId = (secret: string, session: string): string =>
  createHmac("sha256", secret).update(session).digest("hex");

/** Returns `undefined` if the file does not exist or cannot be read. */
export const readUsers = async (path: string, logger: Logger): Promise<SessionOfUser | undefined> => {
  try {
    return await readUsersFile(path, (line) => logger.error({ line }, "the users file has an invalid line"));
  } catch (error) {
    logger.error({ error: String(error) }, "could not read the users file");
    return undefined;
  }
};

export const startSessions = (options: SessionsOptions): Sessions => {
  const { config, logger, known, onKnownChange, onSessionLost, handover } = options;
  const { usersFile } = config;
  const sessions = new Map<string, RelaySession>();
  const sessionOfUser = new Map<string, string>();
  /** Whether the main session has ended its subscription to the messages of all users. */
  let isMainReplaced = false;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const remember = (name: string, users: readonly string[]): void => {
    const all = [...new Set([...(known[name] ?? []), ...users])];
    if (all.length === known[name]?.length) return;
    known[name] = all;
    onKnownChange();
  };

  const open = (
    name: string,
    clientId: string,
    more: Pick<RelaySessionOptions, "filters" | "subscribedBefore" | "systemTopics" | "onSubscribed">,
  ): RelaySession => {
    const session = startRelaySession({
      ...options,
      ...more,
      config: config.broker,
      name,
      clientId,
      logsConnection: name === MAIN_SESSION,
      handover: handover[name] ?? [],
      onConnection(isSessionPresent) {
        if (isSessionPresent || known[name] === undefined) return;
        logger.error({ session: name }, "the broker has lost the session; messages that waited in it are lost");
        onSessionLost(name);
      },
    });
    sessions.set(name, session);
    return session;
  };

  /** Ends the main session's subscription to the messages of all users once each user has a session. */
  const replaceMain = (): void => {
    if (isMainReplaced || sessionOfUser.size === 0) return;
    for (const [user, name] of sessionOfUser) {
      if (sessions.get(name)?.broker.isSubscribed(userFilter(user)) !== true) return;
    }
    isMainReplaced = true;
    main.broker.unsubscribe(ALL_USERS_FILTER);
    logger.info({ users: sessionOfUser.size }, "every user has a session");
  };

  const addUser = (user: string, name: string): void => {
    const current = sessionOfUser.get(user);
    if (current !== undefined) {
      if (current !== name) logger.error({ user }, "a user cannot be moved to another session; ignoring the line");
      return;
    }
    sessionOfUser.set(user, name);
    const existing = sessions.get(name);
    if (existing !== undefined) {
      existing.broker.subscribe(userFilter(user));
      return;
    }
    open(name, toClientId(config.broker.clientId, name), {
      filters: [userFilter(user)],
      subscribedBefore: new Set((known[name] ?? []).map(userFilter)),
      systemTopics: {},
      onSubscribed() {
        remember(
          name,
          [...sessionOfUser].flatMap(([each, session]) => (session === name ? [each] : [])),
        );
        replaceMain();
      },
    });
  };

  const addUsers = async (path: string): Promise<void> => {
    for (const [user, name] of (await readUsers(path, logger)) ?? []) if (!isStopped) addUser(user, name);
  };

  const knownUsers = Object.entries(known).flatMap(([name, users]) => users.map((user) => [user, name] as const));
  const { receivesLegacyTopic } = config.broker;
  const mainFilters = [
    ...(options.users.size > 0 || knownUsers.length > 0 ? [] : [ALL_USERS_FILTER]),
    ...(receivesLegacyTopic ? [LEGACY_TOPIC] : []),
  ];
  const main = open(MAIN_SESSION, config.broker.clientId, {
    filters: mainFilters,
    // The relay assumes that an existing session has its subscriptions.
    subscribedBefore: new Set(mainFilters),
    systemTopics: {
      [BROKER_DROPPED_TOPIC]: (payload) => options.onBrokerDropped(Number(payload)),
    },
    onSubscribed() {
      remember(MAIN_SESSION, []);
      replaceMain();
    },
  });
  if (!receivesLegacyTopic) main.broker.unsubscribe(LEGACY_TOPIC);
  // Separate from the main session: a value that the broker queues every few seconds would wait among its messages.
  const status = startBrokerSession({
    config: config.broker,
    clientId: toClientId(config.broker.clientId, STATUS_SESSION),
    name: STATUS_SESSION,
    filters: [],
    subscribedBefore: new Set(),
    systemTopics: {
      [BROKER_STORED_BYTES_TOPIC]: (payload) => options.onBrokerStoredBytes(Number(payload)),
      [BROKER_HEAP_TOPIC]: (payload) => options.onBrokerHeapBytes(Number(payload)),
    },
    isTemporary: true,
    logger,
    logsConnection: false,
    largePackets: options.heldMemory.largePackets,
    onConnection: () => undefined,
    onSubscribed: () => undefined,
    onPublish: () => undefined,
  });
  if (usersFile !== undefined) {
    for (const [user, name] of [...knownUsers, ...options.users]) addUser(user, name);
    timer = setInterval(() => void addUsers(usersFile), POLL_MS);
  }

  return {
    main,
    get all() {
      return [...sessions.values()];
    },
    isSubscribed(user) {
      const name = sessionOfUser.get(user);
      return name === undefined ? undefined : sessions.get(name)?.broker.isSubscribed(userFilter(user)) === true;
    },
    async stopWatching() {
      isStopped = true;
      clearInterval(timer);
      status.disableReconnect();
      await status.stop();
    },
  };
};
