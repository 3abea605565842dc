/**
 * `stack.json`: where a running stack is, for scripts and tests. There while the stack is ready, gone when it has ended,
 * written again when a process is replaced. Holds keys, so only its owner may read it.
 */
import { readFile, rm } from "node:fs/promises";
import { pathsOf } from "./state-dir.ts";
import { writePrivate } from "./write-private.ts";

export type ServiceName = "opensearch" | "broker" | "relay" | "worker";

export interface StackFile {
  readonly worker: string;
  readonly console: string;
  readonly demo: string;
  readonly mqtt: string;
  readonly mqtts: string;
  readonly wss: string;
  readonly opensearch: string;
  /** The relay's `/healthz`. */
  readonly relayHealth: string;
  /** Path of the CA's certificate, which 8883 and the WSS listener are trusted by. */
  readonly ca: string;
  readonly app: { readonly id: string; readonly key: string };
  readonly readerToken: string;
  /** Process ids; `opensearch` is absent where the cluster is not ours. */
  readonly processes: Readonly<Partial<Record<ServiceName | "supervisor", number>>>;
  /** RFC 3339. */
  readonly started: string;
}

export const readStackFile = async (home: string): Promise<StackFile | undefined> => {
  try {
    return JSON.parse(await readFile(pathsOf(home).stackFile, "utf8")) as StackFile;
  } catch {
    return undefined;
  }
};

export const writeStackFile = (home: string, file: StackFile): Promise<void> =>
  writePrivate(pathsOf(home).stackFile, `${JSON.stringify(file, null, 2)}\n`);

export const removeStackFile = (home: string): Promise<void> => rm(pathsOf(home).stackFile, { force: true });
