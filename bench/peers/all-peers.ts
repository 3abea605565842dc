/** The programs that `npm run bench` compares edgelog with. */
import type { Stack } from "../../stack/stack.ts";
import { nodeRed } from "./node-red.ts";
import type { Peer } from "./peer.ts";
import { startPeer, type RunningPeer } from "./run-peer.ts";
import { telegraf } from "./telegraf.ts";

const PEERS: readonly Peer[] = [telegraf, nodeRed];

export interface StartedPeers extends AsyncDisposable {
  readonly running: ReadonlyMap<Peer, RunningPeer>;
  /** Why the others do not run. */
  readonly skipped: readonly string[];
}

export const startPeers = async (stack: Stack, log: (line: string) => void): Promise<StartedPeers> => {
  const running = new Map<Peer, RunningPeer>();
  const skipped: string[] = [];
  for (const peer of PEERS) {
    try {
      log(`drain: installing and starting ${peer.name}`);
      await peer.install();
      running.set(peer, await startPeer(peer, stack));
    } catch (error) {
      skipped.push(`${peer.name}: ${error instanceof Error ? error.message : String(error)}`);
      log(`drain: without ${skipped.at(-1)}`);
    }
  }
  return {
    running,
    skipped,
    async [Symbol.asyncDispose]() {
      for (const each of running.values()) await each[Symbol.asyncDispose]();
    },
  };
};
