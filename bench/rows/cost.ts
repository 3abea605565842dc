/**
 * The cost of events in a month at list prices, compared with other services. An estimate: the CPU time and the bytes are measured, the
 * prices and the assumptions are the constants below. The prices of Cloudflare, Datadog and CloudWatch were compared with published
 * pages in November 2026, that of m7g.large with a page of June 2026. Those of Elastic and t4g.small were not compared, and must be
 * checked before they are quoted.
 */
import { DAY_MS } from "#contract/wire/durations.ts";
import { makeLogs } from "../read-data.ts";
import type { Row } from "../row.ts";
import { toFigure, type Figure } from "../support/figure.ts";
import { makeBatch } from "../support/payload.ts";
import { measureStoredBytes } from "./stored-bytes.ts";

const MILLION = 1e6;
const GB = 1e9;
const SECONDS_OF_MONTH = (30 * DAY_MS) / 1_000;
const MONTHLY_EVENTS = [1 * MILLION, 100 * MILLION, 10_000 * MILLION];

/** Events in a request of a client. The relay sends more messages in one request. */
const REQUEST_EVENTS = 50;

/** At most: the record of the app and the list of erased users. Cached records need no read. */
const KV_READS_OF_REQUEST = 2;

/** US dollars, developers.cloudflare.com/workers/platform/pricing and /kv/platform/pricing, Workers Paid. */
const CLOUDFLARE = {
  month: 5,
  millionRequests: 0.3,
  includedRequests: 10 * MILLION,
  millionCpuMs: 0.02,
  includedCpuMs: 30 * MILLION,
  millionKvReads: 0.5,
  includedKvReads: 10 * MILLION,
};

/** US dollars, aws.amazon.com/ec2/pricing/on-demand, us-east-1, 730 hours: m7g.large (2 cores, 8 GB), t4g.small, gp3. */
const HOSTS = { storeNode: 59.57, broker: 12.26, gbMonth: 0.08 };

/** The peak rate as a multiple of the average, and copies of each log. */
const PEAK = 3;
const COPIES = 2;

interface Measured {
  readonly workerUs: number;
  readonly storedBytes: number;
  readonly ceiling: number;
  readonly drained: number;
}

const toPeak = (events: number): number => (events / SECONDS_OF_MONTH) * PEAK;

/** On Cloudflare. All logs are stored for a month. */
const monthlyBill = (events: number, measured: Measured): number => {
  const requests = events / REQUEST_EVENTS;
  const over = (used: number, included: number, millionPrice: number): number =>
    (Math.max(0, used - included) / MILLION) * millionPrice;
  const worker =
    CLOUDFLARE.month +
    over(requests, CLOUDFLARE.includedRequests, CLOUDFLARE.millionRequests) +
    over((events * measured.workerUs) / 1_000, CLOUDFLARE.includedCpuMs, CLOUDFLARE.millionCpuMs) +
    over(requests * KV_READS_OF_REQUEST, CLOUDFLARE.includedKvReads, CLOUDFLARE.millionKvReads);
  const nodes = Math.max(1, Math.ceil(toPeak(events) / measured.ceiling)) * COPIES;
  const storage = ((events * measured.storedBytes * COPIES) / GB) * HOSTS.gbMonth;
  return worker + HOSTS.broker + nodes * HOSTS.storeNode + storage;
};

/** Everything on one m7g.large, with one copy of each log. The peak may use half of what two cores drain; `undefined` above it. */
const oneHostBill = (events: number, { storedBytes, drained }: Measured): number | undefined =>
  toPeak(events) > drained / 2 ? undefined : HOSTS.storeNode + ((events * storedBytes) / GB) * HOSTS.gbMonth;

/** US dollars for `events` of `bytes` each, stored for a month. List prices without negotiated discounts. */
const OTHERS: readonly (readonly [name: string, bill: (events: number, bytes: number) => number])[] = [
  // datadoghq.com/pricing: $0.10 for a GB ingested, $2.50 for a million events indexed for 30 days.
  ["Datadog", (events, bytes) => ((events * bytes) / GB) * 0.1 + (events / MILLION) * 2.5],
  // elastic.co/pricing/serverless-observability: $0.09 for a GB ingested, $0.019 for a GB stored for a month.
  ["Elastic Cloud Serverless", (events, bytes) => ((events * bytes) / GB) * (0.09 + 0.019)],
  // aws.amazon.com/cloudwatch/pricing, us-east-1: $0.50 for a GB ingested, $0.03 for a GB stored, compressed to 15 %.
  ["CloudWatch Logs", (events, bytes) => ((events * bytes) / GB) * (0.5 + 0.15 * 0.03)],
];

/** An event as other services meter it: with the fields of its batch. */
const measureEventBytes = (): number => {
  const { resource, attributes, events } = makeBatch(1) as {
    readonly resource: object;
    readonly attributes: object;
    readonly events: readonly object[];
  };
  return Buffer.byteLength(JSON.stringify({ ...resource, ...attributes, ...events[0] }));
};

const DOCUMENTS = 20_000;

export const cost: Row = {
  name: "cost",
  summary: "the bill of a month at list prices, compared with other services",
  run: async ({ stack: openStack, drainRounds, events }) => {
    const { opensearch } = (await openStack()).file;
    const { rounds } = await drainRounds();
    const toMs = Date.now();
    const logs = [...makeLogs({ events: DOCUMENTS, fromMs: toMs - DAY_MS, toMs })].flat();
    const { ours: storedBytes } = await measureStoredBytes(opensearch, [logs]);
    const workerUs = toFigure(
      rounds.map(({ fiftyEvents }) => (fiftyEvents.cpu.worker / events) * MILLION),
      { name: "Worker CPU", unit: "µs an event" },
    );
    const ceiling = toFigure(
      rounds.map((round) => round.ceiling.eventsPerSecond),
      { name: "ceiling", unit: "events/s" },
    );
    const drained = toFigure(
      rounds.map(({ fiftyEvents }) => fiftyEvents.eventsPerSecond),
      { name: "50 events a message", unit: "events/s" },
    );
    const bytes = measureEventBytes();
    const measured = { workerUs: workerUs.value, storedBytes, ceiling: ceiling.value, drained: drained.value };
    const figures: Figure[] = [
      workerUs,
      toFigure([MILLION / REQUEST_EVENTS], { name: "requests for a million events", unit: "requests" }),
      toFigure([(MILLION / REQUEST_EVENTS) * KV_READS_OF_REQUEST], {
        name: "KV reads for a million events, at most",
        unit: "reads",
      }),
      toFigure([storedBytes], { name: "stored bytes of the larger events of bench:read", unit: "bytes an event" }),
    ];
    for (const monthly of MONTHLY_EVENTS) {
      const label = `${(monthly / MILLION).toLocaleString("en-US")} million events a month`;
      figures.push(
        toFigure([monthlyBill(monthly, measured)], {
          name: `${label}: edgelog on Cloudflare`,
          unit: "USD",
          note: `a broker and nodes of OpenSearch with ${COPIES} copies of each log, for 30 days, and a peak rate of ${PEAK} times the average`,
        }),
      );
      const oneHost = oneHostBill(monthly, measured);
      if (oneHost !== undefined) {
        figures.push(
          toFigure([oneHost], {
            name: `${label}: edgelog on one host`,
            unit: "USD",
            note: "one m7g.large for all services, with one copy of each log, for 30 days",
          }),
        );
      }
      for (const [name, bill] of OTHERS) {
        figures.push(toFigure([bill(monthly, bytes)], { name: `${label}: ${name}`, unit: "USD" }));
      }
    }
    return { figures };
  },
};
