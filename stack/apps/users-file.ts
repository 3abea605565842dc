/**
 * The relay's users file: the MQTT user names for which the relay opens durable sessions, one a line. A second word is the
 * name of the session that several users share: `shop.2 shop`. Lines are never removed or changed, so that the messages of
 * removed users are still read, and a user never moves to another session.
 */
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
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

/**
 * Adds the users that the file does not have, atomically: the relay must never read part of a line. Every user of the
 * machine may read the file, because a relay in a container has another user id.
 */
export const addUsers = async (path: string, users: Iterable<string>): Promise<void> => {
  const before = await readUsers(path);
  const after = assignSessions(before, users);
  if (after.size === before.size) return;
  const lines = [...after].map(([user, session]) => (user === session ? `${user}\n` : `${user} ${session}\n`));
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, lines.join(""));
  await chmod(draft, 0o644);
  await rename(draft, path);
};
