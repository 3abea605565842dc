/**
 * One fault: clients of every kind send, the fault strikes, everything comes to rest, and what was handed over is held
 * against what OpenSearch holds.
 */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { REJECTED_INDEX_PATTERN, LOGS_INDEX_PATTERN } from "../../contract/log-document.ts";
import type { ChaosLine } from "./chaos-line.ts";
import { KEY_ATTRIBUTE, type ChaosClient, type Target } from "./clients/chaos-client.ts";
import { startHttpClient } from "./clients/http-client.ts";
import { startLegacyClient, startQos1Client, startReceiptClient } from "./clients/mqtt-clients.ts";
import type { Fault } from "./faults.ts";

const START_CLIENTS = [startReceiptClient, startHttpClient, startQos1Client, startLegacyClient] as const;
const SEND_EVERY_MS = 50;
const EVENTS_A_BATCH = 4;
const LEAD_MS = 700;
/** Nothing new came in for this long: the line is at rest. */
const QUIET_MS = 1_500;
const REST_DEADLINE_MS = 90_000;
const SETTLE_DEADLINE_MS = 120_000;

export interface Row {
  readonly fault: string;
  readonly client: string;
  readonly handedOver: number;
  readonly stored: number;
  readonly lost: number;
  readonly doubled: number;
  readonly rejected: number;
  /** The longest that the store gained nothing while events were under way. */
  readonly longestStallMs: number;
  readonly relayPeakMb: number;
  /** What this client may rely on and did not get; empty when all is well. */
  readonly broken: string;
}

interface Stored {
  readonly documents: number;
  readonly keys: ReadonlySet<string>;
}

const ask = async <T>(line: ChaosLine, path: string, body?: object): Promise<T> => {
  const response = await fetch(new URL(path, line.stack.file.opensearch), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as T;
};

const withPrefix = (prefix: string): object => ({ query: { prefix: { [`attributes.${KEY_ATTRIBUTE}`]: prefix } } });

const countStored = async (line: ChaosLine, run: string): Promise<number> => {
  await ask(line, `/${LOGS_INDEX_PATTERN}/_refresh`);
  const { count } = await ask<{ count?: number }>(line, `/${LOGS_INDEX_PATTERN}/_count`, withPrefix(run));
  return count ?? 0;
};

const PAGE = 10_000;

const readStored = async (line: ChaosLine, prefix: string): Promise<Stored> => {
  interface Page {
    readonly hits: { readonly hits: readonly { _source: { attributes: Record<string, string> }; sort: unknown[] }[] };
  }
  const keys = new Set<string>();
  let documents = 0;
  let after: unknown[] | undefined;
  do {
    const page: Page = await ask<Page>(line, `/${LOGS_INDEX_PATTERN}/_search`, {
      ...withPrefix(prefix),
      size: PAGE,
      _source: ["attributes"],
      sort: [{ "log.record.uid": "asc" }, { "@timestamp": "asc" }],
      ...(after === undefined ? {} : { search_after: after }),
    });
    const { hits } = page.hits;
    for (const { _source } of hits) keys.add(_source.attributes[KEY_ATTRIBUTE] ?? "");
    documents += hits.length;
    after = hits.length === PAGE ? hits.at(-1)?.sort : undefined;
  } while (after !== undefined);
  return { documents, keys };
};

const countRejected = async (line: ChaosLine, prefix: string): Promise<number> => {
  await ask(line, `/${REJECTED_INDEX_PATTERN}/_refresh`);
  interface Found {
    readonly hits?: { readonly hits: readonly { _source: { payload: { text?: string } } }[] };
  }
  const found = await ask<Found>(line, `/${REJECTED_INDEX_PATTERN}/_search`, { size: 1_000, query: { match_all: {} } });
  return (found.hits?.hits ?? []).filter(({ _source }) => _source.payload.text?.includes(prefix)).length;
};

const readPeakMb = async (pid: number | undefined): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
};

/** Watches the store gain events until nothing comes any more; the longest pause before the last gain. */
const watchUntilQuiet = async (
  line: ChaosLine,
  run: string,
  isSending: () => boolean,
  isComplete: (stored: number) => boolean,
): Promise<number> => {
  let last = -1;
  let lastGainAt = Date.now();
  let longestStallMs = 0;
  const deadline = Date.now() + REST_DEADLINE_MS;
  while (Date.now() < deadline) {
    const stored = await countStored(line, run).catch(() => last);
    if (stored > last) {
      longestStallMs = Math.max(longestStallMs, Date.now() - lastGainAt);
      lastGainAt = Date.now();
      last = stored;
    }
    if (!isSending() && (isComplete(stored) || Date.now() - lastGainAt > 10 * QUIET_MS)) break;
    await sleep(100);
  }
  return longestStallMs;
};

const judge = (fault: Fault, client: ChaosClient, lost: number, doubled: number): string => {
  const isSafe = client.hasReceipts || (!fault.breaksBroker && (client.hasIds || !fault.breaksClientLink));
  const isOnce = client.hasIds || !fault.breaksRelay;
  return [...(isSafe && lost > 0 ? ["lost"] : []), ...(isOnce && doubled > 0 ? ["doubled"] : [])].join(", ");
};

/** `holdMs`: how long the fault lasts, where it lasts. */
export const runFault = async (line: ChaosLine, fault: Fault, run: string, holdMs: number): Promise<readonly Row[]> => {
  const { file } = line.stack;
  const target: Target = {
    mqttUrl: `mqtt://127.0.0.1:${line.links.client_broker.port}`,
    httpUrl: file.worker,
    app: file.app.id,
    key: file.app.key,
    clock: line.clock,
  };
  const clients = await Promise.all(START_CLIENTS.map((start) => start(target)));
  await sleep(300);
  const handedOver = clients.map(() => [] as string[]);
  let tick = 0;
  const timer = setInterval(() => {
    for (const [c, client] of clients.entries()) {
      const keys = Array.from({ length: EVENTS_A_BATCH }, (_, i) => `${run}/${c}/${tick * EVENTS_A_BATCH + i}`);
      handedOver[c]?.push(...keys);
      client.send(keys);
    }
    tick += 1;
  }, SEND_EVERY_MS);
  let isSending = true;
  const total = (): number => handedOver.reduce((sum, keys) => sum + keys.length, 0);
  const watching = watchUntilQuiet(
    line,
    `${run}/`,
    () => isSending,
    (stored) => stored >= total(),
  );

  await sleep(LEAD_MS);
  await fault.run(line, holdMs);
  await sleep(LEAD_MS);
  clearInterval(timer);
  const settling = Promise.all(clients.map((client) => client.settled()));
  await Promise.race([settling, sleep(SETTLE_DEADLINE_MS, undefined, { ref: false })]);
  isSending = false;
  const longestStallMs = await watching;
  // A late duplicate would come now.
  await sleep(QUIET_MS);
  await countStored(line, run);
  const relayPeakMb = await readPeakMb(line.stack.parts.relay.pid);

  const rows: Row[] = [];
  for (const [c, client] of clients.entries()) {
    const keys = handedOver[c] ?? [];
    const stored = await readStored(line, `${run}/${c}/`);
    const lost = keys.filter((key) => !stored.keys.has(key)).length;
    const doubled = stored.documents - stored.keys.size;
    rows.push({
      fault: fault.name,
      client: client.name,
      handedOver: keys.length,
      stored: stored.keys.size,
      lost,
      doubled,
      rejected: await countRejected(line, `${run}/${c}/`),
      longestStallMs,
      relayPeakMb,
      broken: judge(fault, client, lost, doubled),
    });
    await client.stop();
  }
  return rows;
};
