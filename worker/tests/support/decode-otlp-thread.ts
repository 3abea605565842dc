/**
 * Reads the OTLP requests of `workerData` in a thread whose memory is limited by the test, and plans their documents. Posts the list of
 * their outcomes.
 */
import { parentPort, workerData } from "node:worker_threads";
import { v7 as uuidv7 } from "uuid";
import { parseJson } from "#contract/check/parse-json.ts";
import { isObject } from "#contract/wire/json-object.ts";
import type { LogsParts } from "../../src/ingest/otlp/part-writer.ts";
import { readProtobufParts } from "../../src/ingest/otlp/protobuf.ts";
import { splitRequest } from "../../src/ingest/otlp/split-request.ts";
import { planDelivery } from "../../src/ingest/plan-delivery.ts";

const readParts = (body: Uint8Array): LogsParts => {
  if (body[0] !== 0x7b) return readProtobufParts(body, 1_000);
  const json = parseJson(new TextDecoder().decode(body));
  return json.ok && isObject(json.value) ? splitRequest(json.value, 1_000) : { ok: false };
};

const plan = (body: Uint8Array): string => {
  const parts = readParts(body);
  if (!parts.ok) return "refused";
  const outcomes = parts.parts.flatMap((part) => {
    const payload = new TextEncoder().encode(part);
    const { events } = planDelivery({ stamp: uuidv7(), transport: "http", app: "shop", payload }, 30);
    return events.map(({ kind, violation }) => violation?.reason ?? kind);
  });
  return [...new Set(outcomes)].join(" ");
};

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- the rule is for windows
parentPort?.postMessage((workerData as readonly Uint8Array[]).map(plan));
