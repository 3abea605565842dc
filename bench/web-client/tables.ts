/**
 * The results as Markdown.
 */
import type { Candidate } from "./bundle.ts";
import { ARRAY_PUSH, BARE_FETCH, NO_OP, OPENTELEMETRY } from "./clients.ts";
import type { Cost } from "./measure-costs.ts";
import type { LoopCost } from "./measure-error-loop.ts";

type Costs = ReadonlyMap<Candidate, readonly Cost[]>;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = head.map((name) => (name === "client" || name === "" ? "---" : "---:"));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
};

const quantile = (numbers: readonly number[], share: number): number => {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};
const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);
const bytes = (count: number): string => count.toLocaleString("en-US");
const tenths = (value: number): string => value.toFixed(1);

const nameOf = ({ client, version }: Candidate): string =>
  `${client.name}${version === undefined ? "" : ` ${version}`}`;

/** Bytes of code that are loaded before the first log, the smallest first. */
export const sizesTable = (candidates: readonly Candidate[]): string =>
  table(
    ["client", "minified", "gzip", "brotli", "loaded later, gzip", ""],
    candidates
      .filter(({ client }) => !client.isBaseline && client.id !== "edgelog-mqtt")
      .toSorted((a, b) => a.bundle.initial.gzip - b.bundle.initial.gzip)
      .map((candidate) => {
        const { initial, lazy } = candidate.bundle;
        const { isOurs, note = "" } = candidate.client;
        const gzip = isOurs ? `**${bytes(initial.gzip)}**` : bytes(initial.gzip);
        const later = lazy.gzip === 0 ? "" : bytes(lazy.gzip);
        return [nameOf(candidate), bytes(initial.min), gzip, bytes(initial.brotli), later, note];
      }),
  );

interface Summary {
  readonly p50: number;
  readonly p99: number;
  readonly net: number;
  readonly wire: number;
}

const summarize = (costs: Costs): Map<Candidate, Summary> => {
  const middle = (each: readonly Cost[], pick: (cost: Cost) => number): number => median(each.map(pick));
  const noOp = [...costs].find(([{ client }]) => client.id === NO_OP)?.[1] ?? [];
  const ownUs = middle(noOp, ({ tasksUs }) => tasksUs);
  const toSummary = (each: readonly Cost[]): Summary => ({
    p50: quantile(
      each.flatMap(({ callsUs }) => callsUs),
      0.5,
    ),
    p99: quantile(
      each.flatMap(({ callsUs }) => callsUs),
      0.99,
    ),
    net: middle(each, ({ tasksUs }) => tasksUs) - ownUs,
    wire: middle(each, ({ bytes: sent, arrived }) => (arrived > 0 ? sent / arrived : 0)),
  });
  return new Map([...costs].map(([candidate, each]) => [candidate, toSummary(each)]));
};

/** Per log in µs and bytes; load, start and memory for the page as a whole. */
export const costsTable = (costs: Costs): string => {
  const summaries = summarize(costs);
  return table(
    [
      "client",
      "call p50 µs",
      "call p99 µs",
      "main thread µs",
      "bytes sent",
      "requests",
      "arrived",
      "load ms",
      "start ms",
      "heap KB",
      "",
    ],
    [...costs].map(([candidate, each]) => {
      const { p50 = 0, p99 = 0, net = 0, wire = 0 } = summaries.get(candidate) ?? {};
      const middle = (pick: (cost: Cost) => number): number => median(each.map(pick));
      return [
        nameOf(candidate),
        p50.toFixed(2),
        tenths(p99),
        tenths(net),
        wire.toFixed(0),
        String(middle(({ requests }) => requests)),
        String(middle(({ arrived }) => arrived)),
        tenths(middle(({ loadMs }) => loadMs)),
        tenths(middle(({ startMs }) => startMs)),
        middle(({ heapKb }) => heapKb).toFixed(0),
        candidate.client.note ?? "",
      ];
    }),
  );
};

/** The targets of edgelog, relative to other clients of the same run. */
export const verdicts = (costs: Costs): string => {
  const summaries = [...summarize(costs)].map(([{ client }, summary]) => ({ client, ...summary }));
  const find = (id: string): Partial<Summary> => summaries.find(({ client }) => client.id === id) ?? {};
  const MAX_ABOVE_PUSH_US = 2;
  const lines = summaries
    .filter(({ client }) => client.isOurs)
    .flatMap(({ client, p50, net, wire }) => {
      const above = p50 - (find(ARRAY_PUSH).p50 ?? Number.NaN);
      const limits = [
        [
          `call p50 above an array push: ${above.toFixed(2)} µs, at most ${MAX_ABOVE_PUSH_US}`,
          above <= MAX_ABOVE_PUSH_US,
        ],
        [
          `main thread: ${tenths(net)} µs, below OpenTelemetry's ${find(OPENTELEMETRY).net?.toFixed(1) ?? "?"}`,
          net < (find(OPENTELEMETRY).net ?? Number.NaN),
        ],
        [
          `bytes a log: ${wire.toFixed(0)}, below the bare fetch's ${find(BARE_FETCH).wire?.toFixed(0) ?? "?"}`,
          wire < (find(BARE_FETCH).wire ?? Number.NaN),
        ],
      ] as const;
      return limits.map(([text, isReached]) => `- ${client.id}: ${isReached ? "reached" : "NOT REACHED"}: ${text}`);
    });
  return `\n${lines.join("\n")}`;
};

/** Two kinds of error loop, by listener; medians of the rounds. */
export const loopTable = (costs: readonly LoopCost[]): string => {
  const groups = Object.values(Object.groupBy(costs, ({ kind, listener }) => kind + listener));
  return table(
    [
      "client",
      "errors",
      "rounds",
      "longest task ms",
      "tasks over 50 ms",
      "main thread ms",
      "logs sent",
      "counted in them",
    ],
    groups.map((each = []) => {
      const middle = (pick: (cost: LoopCost) => number): number => median(each.map(pick));
      return [
        each[0]?.listener ?? "",
        each[0]?.kind ?? "",
        String(each.length),
        middle(({ longestMs }) => longestMs).toFixed(0),
        String(middle(({ longTasks }) => longTasks)),
        middle(({ tasksMs }) => tasksMs).toFixed(0),
        String(middle(({ logs }) => logs)),
        bytes(middle(({ counted }) => counted)),
      ];
    }),
  );
};
