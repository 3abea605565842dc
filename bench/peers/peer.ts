/** Another program that stores MQTT messages in OpenSearch. */
import { join } from "node:path";
import { ROOT_DIR } from "../../stack/lib/state-dir.ts";

/** Installed programs stay here until node_modules is removed. */
export const PEERS_DIR = join(ROOT_DIR, "node_modules", ".cache", "bench-peers");

export interface PeerTarget {
  /** Port of a broker on this machine without passwords. */
  readonly brokerPort: number;
  readonly opensearchUrl: string;
  /** The index to write to. */
  readonly index: string;
  /** A directory for its configuration. */
  readonly dir: string;
}

export interface PeerCommand {
  readonly file: string;
  readonly args: readonly string[];
}

export interface Peer {
  /** Also a part of the name of its index. */
  readonly name: string;
  /** How it is configured, for the report. */
  readonly configuration: string;
  /** Installs it if necessary. Throws with the reason if that is not possible. */
  readonly install: () => Promise<void>;
  /** Writes its configuration and returns how to start it. */
  readonly configure: (target: PeerTarget) => Promise<PeerCommand>;
}
