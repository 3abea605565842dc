/**
 * A row of the table: the events that one client sent during one fault, their outcomes, and whether these violate the
 * client's guarantees. Pure.
 */

/** Effects of a fault on clients without receipts or ids. */
export interface FaultEffects {
  /** The broker loses acknowledged messages, so only clients with receipts lose no event. */
  readonly breaksBroker?: boolean;
  /** Messages to the broker can be lost, so QoS 0 clients can lose events. */
  readonly breaksClientLink?: boolean;
  /** A message can be stamped twice, so events without ids can be duplicated. */
  readonly breaksRelay?: boolean;
}

/** Properties of a client that determine its guarantees. */
export interface ClientGuarantees {
  /** The client stores each event until its receipt, so no fault loses an event. */
  readonly hasReceipts: boolean;
  /** The events have ids, so no fault duplicates an event. */
  readonly hasIds: boolean;
}

export interface Peaks {
  readonly relayPeakMb: number;
  readonly brokerPeakMb: number;
  readonly workerPeakMb: number;
}

export interface Row extends Peaks {
  readonly fault: string;
  readonly client: string;
  readonly sent: number;
  readonly stored: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly rejected: number;
  /** Longest time without a stored event while events were in transit. */
  readonly longestStallMs: number;
  /** Violated guarantees; empty when all hold. */
  readonly broken: string;
}

/** Counts of one client. */
export interface Tally {
  /** Keys of the sent events. */
  readonly sent: readonly string[];
  /** Keys of the stored events. */
  readonly stored: ReadonlySet<string>;
  /** Number of documents of these events. */
  readonly documents: number;
  readonly rejected: number;
  /** Events with a receipt or dropped by the client; `undefined` for clients without receipts. */
  readonly settled: number | undefined;
}

export interface RowSource {
  readonly fault: string;
  readonly client: string;
  readonly effects: FaultEffects;
  readonly guarantees: ClientGuarantees;
  readonly tally: Tally;
  readonly longestStallMs: number;
  readonly peaks: Peaks;
}

export const toRow = ({ fault, client, effects, guarantees, tally, longestStallMs, peaks }: RowSource): Row => {
  const { hasReceipts, hasIds } = guarantees;
  const { sent, stored, documents, rejected, settled } = tally;
  const lost = Math.max(0, sent.filter((key) => !stored.has(key)).length - rejected);
  const duplicated = documents - stored.size;
  const isSafe = hasReceipts || (effects.breaksBroker !== true && (hasIds || effects.breaksClientLink !== true));
  const isOnce = hasIds || effects.breaksRelay !== true;
  const broken = [
    ...(isSafe && lost > 0 ? ["lost"] : []),
    ...(isOnce && duplicated > 0 ? ["duplicated"] : []),
    ...(settled !== undefined && settled !== sent.length ? ["unaccounted"] : []),
  ].join(", ");
  return {
    fault,
    client,
    sent: sent.length,
    stored: stored.size,
    lost,
    duplicated,
    rejected,
    longestStallMs,
    ...peaks,
    broken,
  };
};

/** Returns 1 when a guarantee is violated, or when no events were sent. */
export const toExitCode = (rows: readonly Row[]): 0 | 1 =>
  rows.length > 0 && rows.every(({ broken, sent }) => broken === "" && sent > 0) ? 0 : 1;

const FAULT_WIDTH = 34;
const CLIENT_WIDTH = 16;
const NUMBER_WIDTH = 10;

const toLine = (fault: string, client: string, numbers: readonly (string | number)[]): string =>
  `${fault.padEnd(FAULT_WIDTH)} ${client.padEnd(CLIENT_WIDTH)}${numbers.map((n) => String(n).padStart(NUMBER_WIDTH)).join("")}`;

/** The column heads. Memory is the peak resident memory in MB. */
export const HEAD = toLine("fault", "client", [
  "sent",
  "stored",
  "lost",
  "duplicated",
  "rejected",
  "stall ms",
  "relay MB",
  "broker MB",
  "worker MB",
]);

export const formatRow = (row: Row): string => {
  const { fault, client, broken } = row;
  const { sent, stored, lost, duplicated, rejected, longestStallMs, relayPeakMb, brokerPeakMb, workerPeakMb } = row;
  const counts = [sent, stored, lost, duplicated, rejected];
  const line = toLine(fault, client, [...counts, longestStallMs, relayPeakMb, brokerPeakMb, workerPeakMb]);
  return broken === "" ? line : `${line}  VIOLATED: ${broken}`;
};
