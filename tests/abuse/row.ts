/**
 * A row of the table: the outcome of one attack for the victim and for the operator, and the broken bounds. Pure.
 */
import type { Peaks } from "../chaos/row.ts";

/** Receipt times of an attack without a stricter bound, in milliseconds. */
export const MAX_P99_MS = 5_000;

/** Memory of an isolate at Cloudflare. */
export const MAX_HEAP_MB = 128;

const P99 = 0.99;

/** The victim's events over one transport. */
export interface Delivered {
  /** Keys of the events that the victim handed over. */
  readonly sent: readonly string[];
  /** Keys of the events with a receipt. The victim still has the others and resends them. */
  readonly settled: ReadonlySet<string>;
  /** Keys of the stored events. */
  readonly stored: ReadonlySet<string>;
  /** Number of documents of these events. */
  readonly documents: number;
  /** Time from hand-over to receipt of each event, in milliseconds; until the end of the row for events without one. */
  readonly latenciesMs: readonly number[];
}

export interface RowSource {
  readonly attack: string;
  readonly maxP99Ms: number;
  readonly maxBrokerMb?: number | undefined;
  /** The page that documents broken bounds of receipt times and the attack's findings. */
  readonly knownIn?: string | undefined;
  /** Whether the attacker's app must be named; `undefined` when no app is at fault. */
  readonly named: boolean | undefined;
  readonly mqtt: Delivered;
  readonly http: Delivered;
  readonly peaks: Peaks;
  readonly heapMb: number;
  /** Distinct states of each `/healthz`. */
  readonly health: { readonly worker: readonly string[]; readonly relay: readonly string[] };
  /** Other bounds that the attack found broken. */
  readonly findings: readonly string[];
}

export interface Row {
  readonly attack: string;
  readonly victimSent: number;
  /** Events with a receipt that are not searchable. */
  readonly victimLost: number;
  /** Events without a receipt at the end of the row. The victim still has them. */
  readonly victimUnsettled: number;
  readonly victimDoubled: number;
  readonly victimP99Ms: number;
  readonly victimMqttP99Ms: number;
  readonly victimHttpP99Ms: number;
  /** Peak of the live JavaScript heap of the Worker, with array buffers. */
  readonly workerPeakMb: number;
  /** Peaks of the resident memory. */
  readonly relayPeakMb: number;
  readonly brokerPeakMb: number;
  readonly workerHealth: readonly string[];
  readonly relayHealth: readonly string[];
  readonly named: boolean | undefined;
  /** Broken bounds; empty when all hold. */
  readonly broken: readonly string[];
  /** Broken bounds that `knownIn` documents. */
  readonly known: readonly string[];
  readonly knownIn?: string;
}

/** The value that 99 % of the values do not exceed; 0 without values. */
export const toP99 = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.max(0, Math.ceil(sorted.length * P99) - 1)] ?? 0);
};

const countLost = ({ settled, stored }: Delivered): number => [...settled].filter((key) => !stored.has(key)).length;

const countUnsettled = ({ sent, settled }: Delivered): number => sent.length - settled.size;

const countDoubled = ({ documents, stored }: Delivered): number => documents - stored.size;

export const toRow = (source: RowSource): Row => {
  const { attack, maxP99Ms, maxBrokerMb, knownIn, named, mqtt, http, peaks, heapMb, health, findings } = source;
  const victimLost = countLost(mqtt) + countLost(http);
  const victimUnsettled = countUnsettled(mqtt) + countUnsettled(http);
  const victimDoubled = countDoubled(mqtt) + countDoubled(http);
  const victimP99Ms = toP99([...mqtt.latenciesMs, ...http.latenciesMs]);
  const late = [...(victimP99Ms >= maxP99Ms ? [`p99 >= ${maxP99Ms} ms`] : []), ...findings];
  const broken = [
    ...(mqtt.sent.length === 0 || http.sent.length === 0 ? ["the victim sent nothing"] : []),
    ...(victimLost > 0 ? ["lost"] : []),
    ...(victimUnsettled > 0 ? ["unsettled"] : []),
    ...(victimDoubled > 0 ? ["doubled"] : []),
    ...(knownIn === undefined ? late : []),
    ...(heapMb >= MAX_HEAP_MB ? [`heap >= ${MAX_HEAP_MB} MB`] : []),
    ...(peaks.brokerPeakMb >= (maxBrokerMb ?? Number.POSITIVE_INFINITY) ? [`broker >= ${maxBrokerMb} MB`] : []),
    ...(named === false ? ["the app is not named"] : []),
  ];
  return {
    attack,
    victimSent: mqtt.sent.length + http.sent.length,
    victimLost,
    victimUnsettled,
    victimDoubled,
    victimP99Ms,
    victimMqttP99Ms: toP99(mqtt.latenciesMs),
    victimHttpP99Ms: toP99(http.latenciesMs),
    workerPeakMb: Math.round(heapMb),
    relayPeakMb: peaks.relayPeakMb,
    brokerPeakMb: peaks.brokerPeakMb,
    workerHealth: health.worker,
    relayHealth: health.relay,
    named,
    broken,
    known: knownIn === undefined ? [] : late,
    ...(knownIn === undefined ? {} : { knownIn }),
  };
};

/** Returns 1 when a bound is broken, or when no attack ran. */
export const toExitCode = (rows: readonly Row[]): 0 | 1 =>
  rows.length > 0 && rows.every(({ broken }) => broken.length === 0) ? 0 : 1;

const ATTACK_WIDTH = 52;
const NUMBER_WIDTH = 9;

const toLine = (attack: string, values: readonly (string | number)[]): string =>
  `${attack.padEnd(ATTACK_WIDTH)}${values.map((value) => String(value).padStart(NUMBER_WIDTH)).join("")}`;

/** The column heads. `open`: events without a receipt. Memory is a peak in MB: the Worker's heap, the resident memory of relay and broker. */
export const HEAD = toLine("attack", ["lost", "open", "doubled", "p99 ms", "heap", "relay", "broker", "named"]);

export const formatRow = (row: Row): string => {
  const { attack, victimLost, victimUnsettled, victimDoubled, victimP99Ms } = row;
  const { workerPeakMb, relayPeakMb, brokerPeakMb, named } = row;
  const memory = [workerPeakMb, relayPeakMb, brokerPeakMb];
  const line = toLine(attack, [
    victimLost,
    victimUnsettled,
    victimDoubled,
    victimP99Ms,
    ...memory,
    named === undefined ? "-" : `${named}`,
  ]);
  const health = `  worker: ${row.workerHealth.join(" | ")}\n  relay: ${row.relayHealth.join(" | ")}`;
  const broken = row.broken.length === 0 ? "" : `\n  BROKEN: ${row.broken.join("; ")}`;
  const known = row.known.length === 0 ? "" : `\n  known: ${row.known.join("; ")} (${row.knownIn})`;
  return `${line}\n${health}${known}${broken}`;
};
