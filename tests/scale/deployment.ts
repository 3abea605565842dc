/**
 * A deployment with several processes of each part: three OpenSearch nodes, two Workers in Node.js, and three relays. The broker
 * is Mosquitto, where each relay has a users file with other apps, or HiveMQ, where the relays share a subscription.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import mqtt from "mqtt";
import { RELAY_USERNAME } from "#contract/wire/topics.ts";
import { makeHome } from "../support/make-home.ts";
import { reservePorts } from "../../stack/lib/ports.ts";
import { createSecret, ensureSecrets, writeSecrets } from "../../stack/lib/secrets.ts";
import { pathsOf } from "../../stack/lib/state-dir.ts";
import { startRelay, type Relay } from "../../stack/services/relay.ts";
import { startWorker, type Worker } from "../../stack/services/worker.ts";
import { startStack, type Stack } from "../../stack/stack.ts";
import { createIndex } from "../cluster/cluster.ts";
import { startNodes, type ClusterNodes } from "../cluster/nodes.ts";
import { startSwitch, type Switch } from "../cluster/switch.ts";
import { readRelayMetric } from "../support/relay-metric.ts";
import { createApp, withApps } from "../support/security/apps.ts";
import { startHiveMq } from "./hivemq.ts";

const POLL_MS = 200;
const GROUP = "relays";

/** The app that moves from the first relay to the fourth one. With a shared subscription, an app has no relay. */
const MOVING_APP = "app-4";

export interface App {
  readonly id: string;
  readonly key: string;
}

export interface Deployment extends AsyncDisposable {
  readonly cluster: ClusterNodes;
  readonly stack: Stack;
  /** URL of the broker for clients. */
  readonly mqttUrl: string;
  readonly workers: readonly [Worker, Worker];
  /** In front of the Workers, like a load balancer. The first relay uses it. */
  readonly workerSwitch: Switch;
  /** In front of the OpenSearch nodes. Both Workers use it. */
  readonly nodeSwitch: Switch;
  /** The third relay sends to the first Worker only, the others that are not the first to the second Worker. */
  readonly relays: readonly Relay[];
  readonly apps: readonly App[];
  /** Starts a fourth relay, and moves an app to it if the relays have users files. Resolves to the facts for the report. */
  addRelay(): Promise<readonly string[]>;
}

interface RelayPlace {
  readonly number: number;
  readonly brokerUrl: string;
  readonly workerUrl: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A relay with a separate state directory, as on another machine. Secrets are the same, except for the client id. */
const startOwnRelay = async (home: string, stackHome: string, place: RelayPlace): Promise<Relay> => {
  const relayHome = join(home, `relay-${place.number}`);
  const secrets = await ensureSecrets(stackHome);
  await writeSecrets(relayHome, { ...secrets, relayClientId: createSecret("relay-") });
  const { brokerUrl, workerUrl, env } = place;
  return await startRelay({ home: relayHome, brokerUrl, workerUrl, env });
};

/** The value of a metric of a relay. Throws if the relay does not report it. */
export const readMetric = async ({ url }: Relay, name: string): Promise<number> => {
  const value = await readRelayMetric(url, name);
  if (value === undefined) throw new Error(`The relay has no metric ${name}.`);
  return value;
};

/** Deletes a session at the broker, with its queue: a connection with its client id and without a session expiry replaces it. */
const deleteSession = async (brokerUrl: string, password: string, clientId: string): Promise<void> => {
  const client = await mqtt.connectAsync(brokerUrl, {
    protocolVersion: 5,
    clientId,
    username: RELAY_USERNAME,
    password,
    clean: true,
    reconnectPeriod: 0,
  });
  await client.endAsync();
};

/**
 * Moves the app from the first relay to a new one, in the steps of docs/operate/scale.md but without the wait for the queue in
 * the broker, which is empty here. Both receive its messages for a moment.
 */
const moveApp = async (
  stack: Stack,
  stackHome: string,
  app: string,
  startNext: () => Promise<unknown>,
): Promise<void> => {
  const { relay, broker } = stack.services;
  const paths = pathsOf(stackHome);
  // The relay is ready when it has a session for the app. From now on, both have every message.
  await startNext();
  const since = performance.now();
  const hasOlder = async (): Promise<boolean> => {
    const oldestMs = (await readMetric(relay, "oldest_unacknowledged_seconds")) * 1_000;
    return oldestMs >= performance.now() - since;
  };
  while (await hasOlder()) await sleep(POLL_MS);
  await relay.stop();
  const lines = (await readFile(paths.users, "utf8")).split("\n");
  await writeFile(paths.users, lines.filter((line) => line !== app).join("\n"));
  const state = JSON.parse(await readFile(paths.relayState, "utf8")) as { sessions: Record<string, unknown> };
  const { [app]: _moved, ...sessions } = state.sessions;
  await writeFile(paths.relayState, JSON.stringify({ ...state, sessions }));
  const { relayPassword, relayClientId } = broker.secrets;
  const clientId = createHmac("sha256", relayClientId).update(app).digest("hex");
  await deleteSession(broker.mqttUrl, relayPassword, clientId);
  await relay.start();
};

/** @param hiveMqLib Libraries of HiveMQ. Default: the broker is Mosquitto. */
export const startDeployment = async (hiveMqLib?: string): Promise<Deployment> => {
  const home = await makeHome("edgelog-scale");
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(home, { recursive: true, force: true }));
  const cluster = cleanup.use(await startNodes(home));
  const nodeSwitch = cleanup.use(await startSwitch(cluster.nodes["node-1"].url));
  const ports = await reservePorts();
  const workerSwitch = cleanup.use(await startSwitch(`http://127.0.0.1:${ports.worker}`));
  const hiveMq = hiveMqLib === undefined ? undefined : await startHiveMq(join(home, "hivemq"), hiveMqLib);
  if (hiveMq !== undefined) cleanup.defer(() => hiveMq.stop());

  const stackHome = join(home, "stack");
  const { users, worker: stateDir } = pathsOf(stackHome);
  const isShared = hiveMq !== undefined;
  const toRelayEnv = (number: number): Readonly<Record<string, string>> => {
    if (isShared) return { RELAY_GROUP: GROUP, RELAY_USERS_FILE: "" };
    return number === 1 ? {} : { RELAY_USERS_FILE: `${users}-${number}`, RELAY_LEGACY_TOPIC: "false" };
  };
  const stack = await startStack({
    home: stackHome,
    ports,
    legacy: false,
    opensearchUrl: cluster.nodes["node-1"].url,
    workerOpensearchUrl: nodeSwitch.url,
    env: {
      relay: {
        ...toRelayEnv(1),
        RELAY_WORKER_URL: workerSwitch.url,
        ...(hiveMq === undefined ? {} : { RELAY_BROKER_URL: hiveMq.mqttUrl }),
      },
    },
  });
  cleanup.defer(() => stack.stop());
  const mqttUrl = hiveMq?.mqttUrl ?? stack.file.mqtt;
  await createIndex(stack);

  // Both Workers read the same KV file.
  const workerHome = join(home, "worker-2");
  await writeSecrets(workerHome, await ensureSecrets(stackHome));
  const env = { SERVER_STATE_DIR: stateDir };
  const second = await startWorker({ home: workerHome, opensearchUrl: nodeSwitch.url, legacy: false, env });
  cleanup.defer(() => second.stop());
  const workers = [stack.services.worker, second] as const;

  const relays: Relay[] = [stack.services.relay];
  cleanup.defer(async () => void (await Promise.all(relays.map((relay) => relay.stop()))));
  const apps: App[] = [stack.file.app];
  const start = async (number: number, app: string): Promise<Relay> => {
    // A relay with an empty users file would receive the messages of all apps.
    if (!isShared) await writeFile(`${users}-${number}`, `${app}\n`);
    const workerUrl = workers[number === 3 ? 0 : 1].url;
    const relay = await startOwnRelay(home, stackHome, {
      number,
      brokerUrl: mqttUrl,
      workerUrl,
      env: toRelayEnv(number),
    });
    relays.push(relay);
    return relay;
  };
  const addApp = async (id: string, usersFile: string): Promise<void> => {
    const target = isShared ? { "no-relay": true } : { relay: relays.map(({ url }) => url), "relay-users": usersFile };
    apps.push({ id, key: await withApps(stackHome, (registry) => createApp(registry, id), target) });
  };
  for (const number of [2, 3]) {
    await start(number, `app-${number}`);
    await addApp(`app-${number}`, `${users}-${number}`);
  }
  await addApp(MOVING_APP, users);
  const resources = cleanup.move();

  return {
    cluster,
    stack,
    mqttUrl,
    workers,
    workerSwitch,
    nodeSwitch,
    relays,
    apps,
    async addRelay() {
      const startNext = (): Promise<Relay> => start(4, MOVING_APP);
      await (isShared ? startNext() : moveApp(stack, stackHome, MOVING_APP, startNext));
      return [isShared ? "a relay joined the group" : `${MOVING_APP} moved from the first relay to the fourth one`];
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};
