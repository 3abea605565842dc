/**
 * A row of the table: what one kind of client handed over under one fault, what became of it, and whether that is what
 * it may rely on. Pure.
 */

/** What a fault takes away from clients that rely on less than receipts and ids. */
export interface Damage {
  /** Whether the broker forgets what it had acknowledged: then only clients with receipts are safe. */
  readonly breaksBroker?: boolean;
  /** Whether messages can be lost on their way to the broker: then QoS 0 is not safe. */
  readonly breaksClientLink?: boolean;
  /** Whether a message under way can be stamped twice: then events without ids can be doubled. */
  readonly breaksRelay?: boolean;
}

/** What a client relies on. */
export interface Reliance {
  /** Whether it keeps each event until a receipt accounts for it: such a client loses nothing, whatever happens. */
  readonly hasReceipts: boolean;
  /** Whether its events have ids: then nothing is doubled, whatever happens. */
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
  readonly handedOver: number;
  readonly stored: number;
  readonly lost: number;
  readonly doubled: number;
  readonly rejected: number;
  /** The longest that the store gained nothing while events were under way. */
  readonly longestStallMs: number;
  /** What this client may rely on and did not get; empty when all is well. */
  readonly broken: string;
}

/** What was counted of one client. */
export interface Tally {
  /** A key for each event. */
  readonly handedOver: readonly string[];
  /** Keys that OpenSearch has. */
  readonly stored: ReadonlySet<string>;
  /** Documents that OpenSearch has for them. */
  readonly documents: number;
  readonly rejected: number;
  /** Events that the client itself has a receipt for, or counted as dropped; `undefined` where it has no receipts. */
  readonly accountedFor: number | undefined;
}

export interface RowSource {
  readonly fault: string;
  readonly client: string;
  readonly damage: Damage;
  readonly reliance: Reliance;
  readonly tally: Tally;
  readonly longestStallMs: number;
  readonly peaks: Peaks;
}

export const toRow = ({ fault, client, damage, reliance, tally, longestStallMs, peaks }: RowSource): Row => {
  const { hasReceipts, hasIds } = reliance;
  const { handedOver, stored, documents, rejected, accountedFor } = tally;
  const lost = Math.max(0, handedOver.filter((key) => !stored.has(key)).length - rejected);
  const doubled = documents - stored.size;
  const isSafe = hasReceipts || (damage.breaksBroker !== true && (hasIds || damage.breaksClientLink !== true));
  const isOnce = hasIds || damage.breaksRelay !== true;
  const broken = [
    ...(isSafe && lost > 0 ? ["lost"] : []),
    ...(isOnce && doubled > 0 ? ["doubled"] : []),
    ...(accountedFor !== undefined && accountedFor !== handedOver.length ? ["unaccounted"] : []),
  ].join(", ");
  return {
    fault,
    client,
    handedOver: handedOver.length,
    stored: stored.size,
    lost,
    doubled,
    rejected,
    longestStallMs,
    ...peaks,
    broken,
  };
};

/** Non-zero when a guarantee is broken, and when nothing was run that could have broken one. */
export const toExitCode = (rows: readonly Row[]): 0 | 1 =>
  rows.length > 0 && rows.every(({ broken, handedOver }) => broken === "" && handedOver > 0) ? 0 : 1;

const FAULT_WIDTH = 34;
const CLIENT_WIDTH = 16;
const NUMBER_WIDTH = 10;

const toLine = (fault: string, client: string, numbers: readonly (string | number)[]): string =>
  `${fault.padEnd(FAULT_WIDTH)} ${client.padEnd(CLIENT_WIDTH)}${numbers.map((n) => String(n).padStart(NUMBER_WIDTH)).join("")}`;

/** Peak memory is resident megabytes of relay, broker and workerd. */
export const HEAD = toLine("fault", "client", [
  "handed",
  "stored",
  "lost",
  "doubled",
  "rejected",
  "stall ms",
  "relay MB",
  "broker MB",
  "worker MB",
]);

export const formatRow = (row: Row): string => {
  const { fault, client, broken } = row;
  const { handedOver, stored, lost, doubled, rejected, longestStallMs, relayPeakMb, brokerPeakMb, workerPeakMb } = row;
  const counts = [handedOver, stored, lost, doubled, rejected];
  const line = toLine(fault, client, [...counts, longestStallMs, relayPeakMb, brokerPeakMb, workerPeakMb]);
  return broken === "" ? line : `${line}  BROKEN: ${broken}`;
};
