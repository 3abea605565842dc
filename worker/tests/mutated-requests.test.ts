/**
 * 20,000 mutated requests to all routes that accept logs: each is stored, rejected or refused with a status, and none fails. With an
 * OpenSearch that refuses documents and does not respond, the receipts account for each unit.
 */
import { gzipSync } from "node:zlib";
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { compress } from "snappyjs";
import { expect, it } from "vitest";
import { decodeText } from "#contract/check/decode-text.ts";
import type { Intake } from "#contract/wire/intakes.ts";
import type { Receipt } from "#contract/wire/receipt.ts";
import { createRandom } from "../../tests/support/random.ts";
import { decode } from "../src/ingest/decode.ts";
import { groupUnits, INTAKE_DECODERS } from "../src/ingest/decoders/intakes.ts";
import type { Delivery } from "../src/ingest/delivery.ts";
import { readActions } from "../src/ingest/elasticsearch/read-actions.ts";
import { ingest } from "../src/ingest/ingest.ts";
import { LOGS_DESCRIPTOR } from "../src/ingest/otlp/logs-descriptor.ts";
import { countProtobufRecords, readProtobufParts } from "../src/ingest/otlp/protobuf.ts";
import type { Bulk, NewDocument } from "../src/opensearch/bulk-create.ts";
import type { CreateOutcome } from "../src/opensearch/parse-bulk-response.ts";
import { INTAKE_ROUTES } from "../src/routes/intake-routes.ts";
import { INTAKE_ROWS } from "./support/intake-rows.ts";
import { JSON_LINE_ROWS } from "./support/json-line-rows.ts";
import { createLocalStore, createLogsApp } from "./support/logs-app.ts";

const REQUESTS = 20_000;
const SEED = 20_261_129;

const store = createLocalStore();
const app = createLogsApp(store.args);

interface Sample {
  readonly path: string;
  readonly type: string;
  readonly body: Uint8Array;
}

const OTLP = {
  resourceLogs: [
    {
      resource: { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] },
      scopeLogs: [
        {
          scope: { name: "pay" },
          logRecords: [
            { timeUnixNano: "1764295300123456789", severityNumber: 17, body: { stringValue: "failed" } },
            { attributes: [{ key: "n", value: { arrayValue: { values: [{ intValue: "1" }, {}] } } }] },
          ],
        },
      ],
    },
  ],
};

const toProtobuf = (): Uint8Array => {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, Buffer.from(LOGS_DESCRIPTOR, "base64")));
  const schema = registry.getMessage("opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest");
  if (schema === undefined) throw new Error("no schema");
  const body = { value: { case: "stringValue", value: "Grüße" } };
  const logRecords = [{ body, timeUnixNano: 1n, traceId: new Uint8Array(16) }, { body }];
  return toBinary(schema, create(schema, { resourceLogs: [{ scopeLogs: [{ logRecords }] }] }));
};

/** `PushRequest` of Loki with one stream and one entry. */
const LOKI_PUSH = Buffer.concat([
  Buffer.from([0x0a, 26, 0x0a, 12]),
  Buffer.from('{app="shop"}'),
  Buffer.from([0x12, 10, 0x0a, 2, 0x08, 1, 0x12, 4]),
  Buffer.from("text"),
]);

const sample = (path: string, body: string | Uint8Array, type = "application/json"): Sample => ({
  path,
  type,
  body: Buffer.from(body as string),
});

const EVENTS = [
  { id: "019ac832-cc00-7000-8000-0000000000bb", time: 1_764_295_300_000, severity: "warn", body: "a" },
  { body: "b", attributes: { n: 1, nested: { "a.b": [1, null, "c"] } } },
];
const LINES = [
  '192.0.2.1 - ann [23/Nov/2025:10:00:00 +0100] "GET /a?b=1 HTTP/1.1" 404 153 "-" "Mozilla/5.0 (X11)"',
  "<34>Nov 28 20:40:00 web-1 su[7]: failed",
  '<34>1 2026-11-28T20:40:00Z host app 7 id [data@1 key="value"] text',
  'ts=2025-11-23T09:00:00Z level=warn msg="disk \\"a\\" full" free=3',
  "2026-11-28T20:40:00.123456789Z stdout P {",
  "2026-11-28T20:40:00.123456789Z stdout F }",
  "Error: x\n    at a (b.js:1:2)\nCaused by: y",
].join("\n");

const SAMPLES: readonly Sample[] = [
  ...INTAKE_ROWS.map(({ intake, body }) => {
    const route = INTAKE_ROUTES.find((each) => each.intake === intake);
    return sample(route?.paths[0] ?? "", body, route?.contentTypes[0]);
  }),
  sample("/loki/api/v1/push", compress(LOKI_PUSH), "application/x-protobuf"),
  sample("/v1/logs", JSON.stringify(OTLP)),
  sample("/v1/logs", toProtobuf(), "application/x-protobuf"),
  sample("/_bulk", EVENTS.map((event) => `{"create":{"_id":"x"}}\n${JSON.stringify(event)}\n`).join("")),
  sample("/shop/_doc", JSON.stringify(EVENTS[1])),
  sample("/logs", JSON.stringify({ v: 1, events: EVENTS })),
  sample("/logs", JSON.stringify(EVENTS)),
  sample("/logs", LINES, "text/plain"),
  ...JSON_LINE_ROWS.map(([, line]) => sample("/logs", JSON.stringify(line))),
];

const ODD_TEXTS = [
  "null",
  "{}",
  "[]",
  '""',
  "-0",
  "1e999",
  "9007199254740993",
  '"\\ud800"',
  '"__proto__"',
  "\u0000",
  "[[[[[[[[",
  "}",
  ",",
  "2147483648 ",
  "-1 ",
  "\u2028",
  "\ufeff",
  "true",
  "\r\n",
  "<999>1 ",
  "%",
];

const random = createRandom(SEED);
const below = (limit: number): number => Math.floor(random() * limit);
const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;

const MUTATIONS: readonly ((body: Buffer) => Buffer)[] = [
  (body) => {
    const mutated = Buffer.from(body);
    for (let i = 0; i <= below(4); i += 1) mutated[below(body.length)] = below(256);
    return mutated;
  },
  (body) => body.subarray(0, below(body.length)),
  (body) => {
    const [at, length] = [below(body.length), below(40)];
    return Buffer.concat([body.subarray(0, at), body.subarray(at + length)]);
  },
  (body) => {
    const [at, from] = [below(body.length), below(body.length)];
    return Buffer.concat([body.subarray(0, at), body.subarray(from, from + below(200)), body.subarray(at)]);
  },
  (body) => {
    const at = below(body.length);
    return Buffer.concat([body.subarray(0, at), Buffer.from(pick(ODD_TEXTS)), body.subarray(at)]);
  },
  (body) => {
    const tokens = [...body.toString().matchAll(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null/g)];
    const token = pick(tokens);
    if (token === undefined) return body;
    const text = body.toString();
    return Buffer.from(text.slice(0, token.index) + pick(ODD_TEXTS) + text.slice(token.index + token[0].length));
  },
  (body) => Buffer.concat([body, Buffer.from(pick(SAMPLES).body)]),
];

const mutate = (sent: Uint8Array): Buffer => {
  let body: Buffer = Buffer.from(sent);
  for (let i = 0; i <= below(3) && body.length > 0; i += 1) body = pick(MUTATIONS)(body);
  return body;
};

interface Sent {
  readonly path: string;
  readonly status: number;
  readonly documents: number;
  readonly body: Buffer;
  readonly response: string;
}

const sendMutated = async (): Promise<Sent> => {
  const { path, type, body } = pick(SAMPLES);
  const mutated = mutate(body);
  const isCompressed = random() < 0.05;
  const headers: Record<string, string> = { "Content-Type": random() < 0.05 ? pick(SAMPLES).type : type };
  if (isCompressed) headers["Content-Encoding"] = "gzip";
  const before = store.documents.length;
  const sent = isCompressed && random() < 0.8 ? gzipSync(mutated) : mutated;
  const response = await app.request(path, { method: "POST", body: sent as BodyInit, headers });
  return {
    path,
    status: response.status,
    documents: store.documents.length - before,
    body: mutated,
    response: await response.text(),
  };
};

/** A request that is accepted and from which nothing is stored has no events. */
const hasNoEvents = ({ path, body, response }: Sent): boolean => {
  const text = body.toString().trim();
  if (path === "/v1/logs") return !text.includes('"logRecords":[{') || response === "{}";
  return text === "" || /^\[\s*\]?$|"content"|"(?:streams|values|records)":\[\s*\]|"data":"\s*"|messageType/.test(text);
};

it(`accounts for ${REQUESTS} mutated requests, and none fails`, async () => {
  const failures: string[] = [];
  const statuses = new Map<number, number>();
  for (let i = 0; i < REQUESTS; i += 1) {
    const sent = await sendMutated();
    statuses.set(sent.status, (statuses.get(sent.status) ?? 0) + 1);
    const isLost = sent.status < 400 && sent.documents === 0 && !hasNoEvents(sent);
    if (sent.status >= 500 || isLost) {
      failures.push(`${sent.status} ${sent.path} ${sent.body.toString("latin1").slice(0, 300)} ${sent.response}`);
    }
  }
  expect(failures.slice(0, 10)).toEqual([]);
  expect([...statuses.keys()].every((status) => status < 500)).toBe(true);
  expect(store.documents.length).toBeGreaterThan(REQUESTS / 2);
}, 240_000);

/** A request as the deliveries that its route makes of it, and the number of its units. */
interface Split {
  readonly units: number;
  readonly deliveries: readonly Delivery[];
}

const toDelivery = (payload: Uint8Array, others: Partial<Delivery> = {}): Delivery => ({
  stamp: "019ac832-cc00-7000-8000-0000000000cc",
  transport: "http",
  app: "shop",
  payload,
  ...others,
});

const splitIntake = (name: Intake, body: Uint8Array): Split => {
  const units = INTAKE_DECODERS[name].split(body, {});
  const groups = units.ok ? groupUnits(units.value) : units;
  if (!groups.ok) return { units: 1, deliveries: [toDelivery(body, { violation: groups.violation })] };
  const deliveries = groups.value.map((group, part) =>
    toDelivery(Buffer.from(group.map(({ json }) => json).join("\n")), { intake: { name, params: {}, part } }),
  );
  return { units: groups.value.flat().reduce((sum, { events }) => sum + events, 0), deliveries };
};

const splitBulk = (body: Uint8Array): Split => {
  const text = decodeText(body)?.text;
  const units = text === undefined ? 1 : readActions(text, "shop").length;
  return { units: Math.max(units, 1), deliveries: [toDelivery(body, { bulk: { index: "shop" } })] };
};

const splitProtobuf = (body: Uint8Array): Split => {
  const parts = readProtobufParts(body, 2);
  if (!parts.ok) return { units: 0, deliveries: [] };
  return {
    units: countProtobufRecords(body) ?? -1,
    deliveries: parts.parts.map((part) => toDelivery(Buffer.from(part))),
  };
};

/** Any other payload: one event for each element of a list, and for each event of a batch. */
const splitPayload = (body: Uint8Array): Split => {
  const decoded = decode(body, "shop");
  return { units: decoded.ok ? decoded.value.events.length : 1, deliveries: [toDelivery(body)] };
};

const split = ({ path, type }: Sample, body: Uint8Array): Split => {
  const intake = INTAKE_ROUTES.find(({ paths }) => paths.includes(path))?.intake;
  if (intake !== undefined) return splitIntake(intake, body);
  if (path === "/_bulk") return splitBulk(body);
  return type === "application/x-protobuf" ? splitProtobuf(body) : splitPayload(body);
};

const OUTCOMES: readonly CreateOutcome[] = [
  { state: "created" },
  { state: "duplicate" },
  { state: "unknown" },
  { state: "refused", detail: "mapper_parsing_exception" },
];

/** Creates documents with a random outcome for each. */
const openRandomBulk = (): Bulk => {
  const documents: NewDocument[] = [];
  return {
    add: (document) => void documents.push(document),
    send: () => Promise.resolve(documents.map(() => pick(OUTCOMES))),
  };
};

const countEvents = ({ stored, duplicates, rejected, unfinished = [] }: Receipt): number =>
  stored + duplicates + rejected.length + unfinished.length;

it(`the receipts of ${REQUESTS} mutated requests account for each of their units`, async () => {
  const failures: string[] = [];
  const ports = { findRetention: () => Promise.resolve(30 as const), openBulk: openRandomBulk };
  let total = 0;
  for (let i = 0; i < REQUESTS; i += 1) {
    const chosen = pick(SAMPLES);
    const body = mutate(chosen.body);
    const { units, deliveries } = split(chosen, body);
    let accounted = 0;
    for (const delivery of deliveries) {
      const [receipt] = await ingest([delivery], ports);
      accounted += receipt === undefined ? 0 : countEvents(receipt);
    }
    total += units;
    if (accounted !== units) {
      failures.push(`${accounted} of ${units} ${chosen.path} ${body.toString("latin1").slice(0, 300)}`);
    }
  }
  expect(failures.slice(0, 10)).toEqual([]);
  expect(total).toBeGreaterThan(REQUESTS);
}, 240_000);
