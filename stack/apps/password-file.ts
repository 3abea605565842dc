/** The broker's password file in Mosquitto's format: `user:$7$iterations$salt$hash`, PBKDF2 with SHA-512. */
import { pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import { chown, readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { writePrivate } from "../lib/write-private.ts";

/**
 * Mosquitto's default. Keys are 256 random bits, so more iterations would add no security; they would slow down mass
 * reconnects and each SIGHUP, on which Mosquitto authenticates all connected clients again.
 */
const ITERATIONS = 101;
const SALT_BYTES = 12;
const HASH_BYTES = 64;

/** Password hashes by user name. */
export type Passwords = ReadonlyMap<string, string>;

/** The hash of a password, as it follows the user name in the file. */
export const hashPassword = (password: string): string => {
  const salt = randomBytes(SALT_BYTES);
  const hash = pbkdf2Sync(password, salt, ITERATIONS, HASH_BYTES, "sha512");
  return `$7$${ITERATIONS}$${salt.toString("base64")}$${hash.toString("base64")}`;
};

/** Whether `line` is a hash of this password. */
export const isPassword = (line: string | undefined, password: string): boolean => {
  const [, kind, iterations, salt = "", hash = ""] = line?.split("$") ?? [];
  if (kind !== "7") return false;
  const known = Buffer.from(hash, "base64");
  const made = pbkdf2Sync(password, Buffer.from(salt, "base64"), Number(iterations), HASH_BYTES, "sha512");
  return known.byteLength === made.byteLength && timingSafeEqual(known, made);
};

/** Returns `undefined` if the file does not exist. */
export const readPasswords = async (path: string): Promise<Passwords | undefined> => {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : parsePasswords(text);
};

const parsePasswords = (text: string): Passwords =>
  new Map(
    text.split("\n").flatMap((line) => {
      const colon = line.indexOf(":");
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
    }),
  );

/** Writes the file atomically with mode 0600 and keeps its owner. A new file gets that of its folder. */
export const writePasswords = async (path: string, passwords: Passwords): Promise<void> => {
  const owner = await stat(path).catch(() => stat(dirname(path)));
  await writePrivate(path, [...passwords].map(([user, hash]) => `${user}:${hash}\n`).join(""));
  if (process.getuid?.() === 0) await chown(path, owner.uid, owner.gid);
};
