/**
 * Generates logs of several apps for read benchmarks. The Worker's code plans them, so documents are the same as in
 * production. The same seed generates the same logs.
 */
import { v7 as uuidv7 } from "uuid";
import type { RetentionDays } from "#contract/wire/limits.ts";
import type { Severity } from "#contract/wire/severity.ts";
import type { NewDocument } from "../worker/src/opensearch/bulk-create.ts";
import { queryOpenSearch } from "../tests/support/query-opensearch.ts";
import { createRandom } from "../tests/support/random.ts";
import { planDelivery } from "../worker/src/ingest/plan-delivery.ts";

export interface ReadDataOptions {
  readonly events: number;
  /** Time range of the logs, in milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly seed?: number;
  readonly apps?: readonly string[];
  readonly retentionDays?: RetentionDays;
}

const BATCH_EVENTS = 50;
const USERS = 20_000;
const SESSIONS = 100_000;
const VERSIONS = ["4.1.0", "4.1.1", "4.2.0", "4.2.1"];
const ENVIRONMENTS = ["production", "production", "production", "staging"];
const PATHS = ["/api/products", "/api/cart", "/api/checkout", "/api/login", "/api/search", "/api/orders"];
const METHODS = ["GET", "GET", "GET", "POST", "PUT", "DELETE"];
const SCREENS = ["home", "product", "cart", "checkout", "profile", "orders"];
const DEVICES = [
  ["Android", "15", "Samsung", "Galaxy S25"],
  ["Android", "14", "Google", "Pixel 8"],
  ["Android", "16", "Xiaomi", "14T"],
  ["iOS", "19.1", "Apple", "iPhone 17"],
  ["iOS", "18.6", "Apple", "iPhone 15"],
  ["Windows", "11", "Dell", "XPS 13"],
] as const;
const LOCATIONS = [
  [52.52, 13.4],
  [48.85, 2.35],
  [40.71, -74.0],
  [35.68, 139.69],
  [-23.55, -46.63],
  [28.61, 77.2],
] as const;
const EXCEPTIONS = [
  ["TypeError", "Cannot read properties of undefined (reading 'price')", "cartTotal"],
  ["NetworkError", "Failed to fetch", "loadProducts"],
  ["PaymentError", "The card was declined by the bank", "payOrder"],
  ["TimeoutError", "No answer within 10000 ms", "submitOrder"],
  ["RangeError", "Invalid array length", "renderList"],
  ["QuotaExceededError", "The quota has been exceeded", "saveDraft"],
  ["SyntaxError", "Unexpected token '<' in JSON at position 0", "parseAnswer"],
  ["SecurityError", "The operation is insecure", "openFrame"],
] as const;

type Random = () => number;

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

const makeId = (random: Random, ms: number): string =>
  uuidv7({ msecs: ms, random: Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256)) });

const toSeverity = (draw: number): Severity => {
  if (draw < 0.001) return "fatal";
  if (draw < 0.04) return "error";
  if (draw < 0.1) return "warn";
  return draw < 0.8 ? "info" : "debug";
};

const makeException = (random: Random): Readonly<Record<string, unknown>> => {
  const [type, message, functionName] = pick(random, EXCEPTIONS);
  const line = 10 + Math.floor(random() * 900);
  return {
    "exception.type": type,
    "exception.message": message,
    "exception.stacktrace": [
      `${type}: ${message}`,
      `    at ${functionName} (https://shop.example/assets/main-8f3a2b1c.js:${line}:17)`,
      `    at handleClick (https://shop.example/assets/main-8f3a2b1c.js:${line + 40}:9)`,
      `    at HTMLButtonElement.dispatch (https://shop.example/assets/vendor-11aa22bb.js:2:40112)`,
    ].join("\n"),
  };
};

const makeEvent = (random: Random, ms: number): object => {
  const severity = toSeverity(random());
  const path = `${pick(random, PATHS)}/${Math.floor(random() * 5_000)}`;
  const method = pick(random, METHODS);
  const durationMs = Math.round(20 + random() ** 4 * 4_000);
  const isError = severity === "error" || severity === "fatal";
  return {
    id: makeId(random, ms),
    time: ms,
    severity,
    body: isError
      ? `checkout failed for order ${Math.floor(random() * 1e6)}`
      : `${method} ${path} answered in ${durationMs} ms`,
    attributes: {
      "http.request.method": method,
      "http.response.status_code": isError
        ? pick(random, [500, 502, 503])
        : pick(random, [200, 200, 200, 201, 304, 404]),
      "url.path": path,
      "duration.ms": durationMs,
      "screen.name": pick(random, SCREENS),
      "cart.items": Math.floor(random() * 12),
      "cart.total": Math.round(random() * 50_000) / 100,
      "feature.new_checkout": random() < 0.5,
      ...(isError ? makeException(random) : {}),
    },
  };
};

const makeBatch = (random: Random, ms: number, spanMs: number, events: number): object => {
  const [os, osVersion, brand, model] = pick(random, DEVICES);
  const [lat, lon] = pick(random, LOCATIONS);
  const user = Math.floor(random() ** 2 * USERS);
  return {
    v: 1,
    id: makeId(random, ms),
    resource: {
      "service.name": pick(random, ["shop-app", "shop-web"]),
      "service.version": pick(random, VERSIONS),
      "deployment.environment.name": pick(random, ENVIRONMENTS),
      "os.name": os,
      "os.version": osVersion,
      "device.manufacturer": brand,
      "device.model.name": model,
      "device.id": `device-${user}`,
    },
    attributes: {
      "session.id": `session-${Math.floor(random() * SESSIONS)}`,
      "user.id": `u-${user}`,
      "user.email": `user${user}@${user % 3 === 0 ? "acme.com" : "mail.example"}`,
      "organization.id": `org-${user % 40}`,
      "geo.location.lat": lat + random(),
      "geo.location.lon": lon + random(),
    },
    events: Array.from({ length: events }, (_, i) => makeEvent(random, Math.floor(ms + (i / events) * spanMs))),
  };
};

/** Yields documents in batches, oldest first. */
export function* makeLogs({
  events,
  fromMs,
  toMs,
  seed = 1,
  apps = ["demo", "shop-ios", "shop-android"],
  retentionDays = 30,
}: ReadDataOptions): Generator<readonly NewDocument[]> {
  const random = createRandom(seed);
  const encoder = new TextEncoder();
  const spanMs = ((toMs - fromMs) / events) * BATCH_EVENTS;
  for (let made = 0; made < events; made += BATCH_EVENTS) {
    const count = Math.min(BATCH_EVENTS, events - made);
    const ms = Math.floor(fromMs + (made / events) * (toMs - fromMs));
    const payload = encoder.encode(JSON.stringify(makeBatch(random, ms, spanMs, count)));
    const stamp = makeId(random, Math.floor(ms + spanMs + random() * 3_000));
    const plan = planDelivery(
      { stamp, transport: "mqtt", app: pick(random, apps), client: "bench", payload },
      retentionDays,
    );
    yield plan.events.map(({ newDocument }) => newDocument);
  }
}

export interface FillOptions extends ReadDataOptions {
  /** URL of an OpenSearch with the index templates. */
  readonly url: string;
  readonly onProgress?: (stored: number) => void;
}

const BULK_EVENTS = 4_000;
const FILL_CONCURRENCY = 2;

/** Generates logs and stores them through the bulk API; resolves when all are searchable. */
export const fillStore = async ({ url, onProgress, ...options }: FillOptions): Promise<void> => {
  const batches = makeLogs(options);
  let stored = 0;
  const storeBatches = async (): Promise<void> => {
    for (;;) {
      let body = "";
      let events = 0;
      while (events < BULK_EVENTS) {
        const next = batches.next();
        if (next.done === true) break;
        for (const { index, id, source } of next.value) {
          body += `{"create":{"_index":"${index}","_id":"${id}"}}\n${source}\n`;
        }
        events += next.value.length;
      }
      if (events === 0) return;
      const { errors } = await queryOpenSearch<{ errors?: boolean }>(url, "/_bulk?filter_path=errors", body);
      if (errors !== false) throw new Error("OpenSearch rejected some logs");
      stored += events;
      onProgress?.(stored);
    }
  };
  await Promise.all(Array.from({ length: FILL_CONCURRENCY }, storeBatches));
  await queryOpenSearch(url, "/logs-*/_refresh");
};
