/**
 * The relay's users file: the MQTT user names for which the relay opens durable sessions, one a line. A second word is the
 * name of the session that several users share: `shop.2 shop`. Lines are never removed or changed, so that the messages of
 * removed users are still read, and a user never moves to another session.
 *
 * On Mosquitto several relays have one users file each, in the same folder: `users`, `users-2` and so on. An app is in one
 * of them.
 */
import { chmod, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { appOfUser } from "#contract/wire/topics.ts";

/** Session names by user name. */
export type SessionOfUser = ReadonlyMap<string, string>;

/**
 * This many apps have a session each. The apps created later share {@link SHARED_SESSIONS} sessions: each session costs a
 * connection, and a share of the relay's memory.
 */
export const MAX_OWN_SESSIONS = 256;
export const SHARED_SESSIONS = 16;

/** Not a valid app id, so it is never the session of one app. */
const SHARED_PREFIX = "shared.group-";

/** Empty if the file does not exist. */
export const readUsers = async (path: string): Promise<SessionOfUser> => {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return new Map(
    text.split("\n").flatMap((line) => {
      const [user = "", session = user] = line.trim().split(/\s+/);
      return user === "" || user.startsWith("#") ? [] : [[user, session] as const];
    }),
  );
};

/** Assigns a session to each new user: the session of its app, or a new one, or a shared one. Keeps all other users. */
export const assignSessions = (before: SessionOfUser, users: Iterable<string>): SessionOfUser => {
  const after = new Map(before);
  const sessionOfApp = new Map([...before].map(([user, session]) => [appOfUser(user), session]));
  for (const user of users) {
    if (after.has(user)) continue;
    const app = appOfUser(user);
    const isShared = [...sessionOfApp.values()].map((session) => session.startsWith(SHARED_PREFIX));
    const shared = isShared.filter(Boolean).length;
    const isFull = isShared.length - shared >= MAX_OWN_SESSIONS;
    const session = sessionOfApp.get(app) ?? (isFull ? `${SHARED_PREFIX}${(shared % SHARED_SESSIONS) + 1}` : app);
    sessionOfApp.set(app, session);
    after.set(user, session);
  }
  return after;
};

const USERS_FILE_NAME = /^users(?:-[a-z0-9-]+)?$/;

/**
 * Whether later commands find the users file `path` by the default one. If not, they would add its users to the default file
 * too, and two relays would receive the messages of these users.
 */
export const isUsersFileOf = (path: string, defaultPath: string): boolean =>
  dirname(resolve(path)) === dirname(resolve(defaultPath)) && USERS_FILE_NAME.test(basename(path));

/** The users files in the folder of `path`, and `path` itself, which comes first. */
const listUsersFiles = async (path: string): Promise<readonly string[]> => {
  const folder = dirname(path);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const files = names.filter((name) => USERS_FILE_NAME.test(name)).map((name) => join(folder, name));
  return [...new Set([path, ...files.toSorted()])];
};

/** The users of all relays: those in `path` and in the other users files of its folder. */
export const readAllUsers = async (path: string): Promise<ReadonlySet<string>> => {
  const files = await Promise.all((await listUsersFiles(path)).map(readUsers));
  return new Set(files.flatMap((users) => [...users.keys()]));
};

/**
 * Adds users to one file, atomically: the relay must never read part of a line. Every user of the machine may read the file,
 * because a relay in a container has another user id.
 */
const addToFile = async (path: string, before: SessionOfUser, users: readonly string[]): Promise<void> => {
  const after = assignSessions(before, users);
  const lines = [...after].map(([user, session]) => (user === session ? `${user}\n` : `${user} ${session}\n`));
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, lines.join(""));
  await chmod(draft, 0o644);
  await rename(draft, path);
};

/**
 * Adds the users that no users file in the folder of `path` has: to the file that has other users of their app, or else to
 * `path`.
 */
export const addUsers = async (path: string, users: Iterable<string>): Promise<void> => {
  let missing = [...users];
  const files = new Map<string, SessionOfUser>();
  for (const file of await listUsersFiles(path)) {
    const known = await readUsers(file);
    files.set(file, known);
    missing = missing.filter((user) => !known.has(user));
  }
  const findFile = (user: string): string => {
    const app = appOfUser(user);
    const found = [...files].find(([, known]) => [...known.keys()].some((each) => appOfUser(each) === app));
    return found?.[0] ?? path;
  };
  for (const [file, added] of Map.groupBy(missing, findFile))
    await addToFile(file, files.get(file) ?? new Map(), added);
};
