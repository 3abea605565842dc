/**
 * Rounds of the ceiling, the drain and the drain by other programs. In each round all are measured after each other: their
 * ratios depend less on the load of the machine than their values.
 */
import type { Stack } from "../../stack/stack.ts";
import { startPeers } from "../peers/all-peers.ts";
import { BULK_SHAPES, measureBulk, type Throughput } from "./bulk.ts";
import { measureDrain } from "./drain.ts";
import { deleteLogs } from "./logs.ts";

/** Events of the first measurements, which warm up all programs. */
const WARM_UP_EVENTS = 20_000;

/** Documents that are stored first: the JVM compiles the code of OpenSearch while it stores the first hundred thousand. */
const WARM_UP_DOCUMENTS = 150_000;

export interface DrainRound {
  /** The faster of {@link BULK_SHAPES}. */
  readonly ceiling: Throughput;
  readonly oneEvent: Throughput;
  readonly fiftyEvents: Throughput;
  /** With one event a message, by the name of the program. */
  readonly peers: ReadonlyMap<string, Throughput>;
}

export interface DrainRounds {
  readonly rounds: readonly DrainRound[];
  /** How each of the other programs is configured, by its name. */
  readonly configurations: ReadonlyMap<string, string>;
  /** The programs that are not measured, with the reason. */
  readonly skipped: readonly string[];
}

export interface DrainRoundsOptions {
  readonly rounds: number;
  readonly events: number;
  /** Whether other programs are measured, too. */
  readonly withPeers: boolean;
  readonly log: (line: string) => void;
}

/**
 * Deletes the logs of earlier measurements, because OpenSearch would merge them at random times during the next one. Stores one log,
 * which creates the index.
 */
const empty = async (stack: Stack): Promise<void> => {
  await deleteLogs(stack);
  await measureBulk(stack, 1, { size: 1, concurrency: 1 });
};

const measureCeiling = async (stack: Stack, events: number): Promise<Throughput> => {
  const shapes: Throughput[] = [];
  for (const shape of BULK_SHAPES) {
    await empty(stack);
    shapes.push(await measureBulk(stack, events, shape));
  }
  return shapes.reduce((best, each) => (each.eventsPerSecond > best.eventsPerSecond ? each : best));
};

/** Lets the JVM compile the code of OpenSearch, and the relay and the Worker theirs. */
export const warmUp = async (stack: Stack): Promise<void> => {
  await measureCeiling(stack, WARM_UP_DOCUMENTS / BULK_SHAPES.length);
  await measureDrain(stack, WARM_UP_EVENTS, 1);
  await measureDrain(stack, WARM_UP_EVENTS, 50);
};

export const measureDrainRounds = async (
  stack: Stack,
  { rounds, events, withPeers, log }: DrainRoundsOptions,
): Promise<DrainRounds> => {
  await using peers = withPeers ? await startPeers(stack, log) : undefined;
  const running = [...(peers?.running ?? [])];
  log("drain: warming up");
  await warmUp(stack);
  for (const [, peer] of running) await peer.drain(WARM_UP_EVENTS);
  const measured: DrainRound[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const ceiling = await measureCeiling(stack, events);
    await empty(stack);
    const oneEvent = await measureDrain(stack, events, 1);
    await empty(stack);
    const fiftyEvents = await measureDrain(stack, events, 50);
    const byPeer = new Map<string, Throughput>();
    for (const [{ name }, peer] of running) byPeer.set(name, await peer.drain(events));
    measured.push({ ceiling, oneEvent, fiftyEvents, peers: byPeer });
    const toRatio = ({ eventsPerSecond }: Throughput): string => (eventsPerSecond / ceiling.eventsPerSecond).toFixed(2);
    log(
      `drain: round ${round} of ${rounds}: ceiling ${Math.round(ceiling.eventsPerSecond)} events/s, ` +
        `1 event a message ${toRatio(oneEvent)}, 50 events a message ${toRatio(fiftyEvents)}` +
        [...byPeer].map(([name, peer]) => `, ${name} ${toRatio(peer)}`).join(""),
    );
  }
  const configurations = new Map(running.map(([{ name, configuration }]) => [name, configuration]));
  return { rounds: measured, configurations, skipped: peers?.skipped ?? ["other programs, because of --no-peers"] };
};
