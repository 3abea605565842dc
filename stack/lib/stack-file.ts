/**
 * `stack.json`: the addresses, keys and process ids of a running stack, for scripts and tests. It exists while the stack
 * is ready and is rewritten when a process restarts. It contains keys, so only its owner may read it.
 */
import { rm } from "node:fs/promises";
import type { ListenerName } from "../services/listeners.ts";
import { readIfExists } from "./read-if-exists.ts";
import { pathsOf } from "./state-dir.ts";
import { writePrivate } from "./write-private.ts";

export type ServiceName = "opensearch" | "broker" | "relay" | "worker";

/** Has the URL of each broker listener under its name. */
export interface StackFile extends Readonly<Record<ListenerName, string>> {
  readonly worker: string;
  readonly console: string;
  readonly demo: string;
  readonly opensearch: string;
  /** URL of the relay's `/healthz`. */
  readonly relayHealth: string;
  /** Path of the CA certificate that signed the certificate of the TLS listeners. */
  readonly ca: string;
  readonly app: { readonly id: string; readonly key: string };
  readonly readerToken: string;
  /** Process ids; `opensearch` is absent when OPENSEARCH_URL names an existing cluster. */
  readonly processes: Readonly<Partial<Record<ServiceName | "supervisor", number>>>;
  /** RFC 3339. */
  readonly started: string;
}

export const readStackFile = async (home: string): Promise<StackFile | undefined> => {
  const text = await readIfExists(pathsOf(home).stackFile);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as StackFile;
  } catch {
    return undefined;
  }
};

export const writeStackFile = (home: string, file: StackFile): Promise<void> =>
  writePrivate(pathsOf(home).stackFile, `${JSON.stringify(file, null, 2)}\n`);

export const removeStackFile = (home: string): Promise<void> => rm(pathsOf(home).stackFile, { force: true });
