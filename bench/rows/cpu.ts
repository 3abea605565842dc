/** The CPU time of each process for one event, while a backlog drains. */
import type { Row } from "../row.ts";
import type { DrainRound } from "../support/drain-rounds.ts";
import { toFigure, type Figure, type Mark } from "../support/figure.ts";
import type { CpuSeconds } from "../support/process-cpu.ts";

const US = 1e6;
const FIFTY = 50;

/** Shown in this order. */
const PROCESSES: readonly (readonly [role: keyof CpuSeconds, label: string])[] = [
  ["broker", "broker"],
  ["relay", "relay"],
  ["worker", "Worker"],
  ["opensearch", "OpenSearch"],
  ["idle", "idle"],
];

const KINDS = [
  ["ceiling", "ceiling"],
  ["oneEvent", "1 event a message"],
  ["fiftyEvents", "50 events a message"],
] as const;

const MARKS: Readonly<Record<string, Mark>> = {
  "OpenSearch, ceiling": { atMost: 48 },
  "relay, 1 event a message": { atMost: 22 },
  "relay, 50 events a message": { atMost: 3 },
};

/**
 * The cost of a message and of an event: with m for a message and e for an event, one event a message takes m + e, and 50
 * events a message take m / 50 + e for each event.
 */
const splitWorker = (one: number, fifty: number): { readonly message: number; readonly event: number } => {
  const message = (one - fifty) / (1 - 1 / FIFTY);
  return { message, event: one - message };
};

export const cpu: Row = {
  name: "cpu",
  summary: "CPU time of broker, relay, Worker and OpenSearch for one event",
  run: async (context) => {
    const { rounds } = await context.drainRounds();
    const usOf = (round: DrainRound, kind: (typeof KINDS)[number][0], role: keyof CpuSeconds): number =>
      (round[kind].cpu[role] / context.events) * US;
    const figures: Figure[] = [];
    for (const [kind, kindLabel] of KINDS) {
      for (const [role, label] of PROCESSES) {
        const isIdleInCeiling = kind === "ceiling" && role !== "opensearch" && role !== "idle";
        if (isIdleInCeiling) continue;
        const name = `${label}, ${kindLabel}`;
        const mark = MARKS[name];
        const times = rounds.map((round) => usOf(round, kind, role));
        figures.push(toFigure(times, { name, unit: "µs an event", ...(mark === undefined ? {} : { mark }) }));
      }
    }
    const costs = rounds.map((round) =>
      splitWorker(usOf(round, "oneEvent", "worker"), usOf(round, "fiftyEvents", "worker")),
    );
    figures.push(
      toFigure(
        costs.map(({ message }) => message),
        { name: "Worker, for a message", unit: "µs", mark: { atMost: 4 } },
      ),
      toFigure(
        costs.map(({ event }) => event),
        { name: "Worker, for an event", unit: "µs", mark: { atMost: 8 } },
      ),
    );
    return { figures };
  },
};
