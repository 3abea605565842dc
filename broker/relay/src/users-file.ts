/**
 * The users file: one MQTT user name a line, for which the relay opens a durable session. A second word on a line is the
 * name of a session that several users share. Lines are never removed: the messages of a removed user must still be read.
 *
 * @example
 * ```text
 * shop
 * shop.2
 * tiny-1 shared-1
 * tiny-2 shared-1
 * ```
 */
import { readFile } from "node:fs/promises";
import { APP_ID_PATTERN, appOfUser } from "#contract/wire/topics.ts";

const SESSION_NAME = /^[a-z0-9.-]{1,128}$/;

/** Session names by user name. */
export type SessionOfUser = ReadonlyMap<string, string>;

/** Returns `undefined` if the file does not exist. `onInvalid` is called with the number of each invalid line, from 1. */
export const readUsersFile = async (
  path: string,
  onInvalid: (line: number) => void,
): Promise<SessionOfUser | undefined> => {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const users = new Map<string, string>();
  for (const [i, line] of text.split("\n").entries()) {
    const words = line.trim().split(/\s+/);
    const [user = "", session = user, ...more] = words;
    if (user === "" || user.startsWith("#")) continue;
    const isValid = APP_ID_PATTERN.test(appOfUser(user)) && SESSION_NAME.test(session) && more.length === 0;
    if (isValid) users.set(user, session);
    else onInvalid(i + 1);
  }
  return users;
};
