/**
 * Notices that the KV file was removed or replaced while the server runs. Commands such as `npm run app` then use another file, so a
 * revoked token would stay valid.
 */
import { statSync } from "node:fs";
import { SECOND_MS } from "#contract/wire/durations.ts";
import type { KvFile } from "./kv-file.ts";

export interface KvWatchOptions {
  readonly kv: Pick<KvFile, "state">;
  readonly path: string;
  /** Called once each time. Commands fail while there is no file, so none of their changes is lost. */
  readonly onRemoved: () => void;
  /** Called once, when the new file has not changed for an interval: before, it may be incomplete. */
  readonly onReplaced: () => void;
  readonly intervalMs?: number;
}

/** `undefined` if it cannot be read. */
const readVersion = (path: string): string | undefined => {
  try {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${ino}:${size}:${mtimeNs}`;
  } catch {
    return undefined;
  }
};

/** Returns a function that stops the watch. Polls, because a notification needs a directory that exists. */
export const watchKvFile = (options: KvWatchOptions): (() => void) => {
  const { kv, path, onRemoved, onReplaced, intervalMs = SECOND_MS } = options;
  let wasRemoved = false;
  let lastVersion: string | undefined;
  const check = (): void => {
    const state = kv.state();
    if (state === "removed" && !wasRemoved) onRemoved();
    wasRemoved = state === "removed";
    const version = state === "replaced" ? readVersion(path) : undefined;
    const isComplete = version !== undefined && version === lastVersion;
    lastVersion = version;
    if (!isComplete) return;
    clearInterval(timer);
    onReplaced();
  };
  const timer = setInterval(check, intervalMs);
  return () => clearInterval(timer);
};
