/**
 * OpenTelemetry's exporters for Node.js, in JSON and protobuf, against the real stack: all records are found once, with the
 * fields that were sent.
 */
import { ROOT_CONTEXT, SeverityNumber, trace } from "@opentelemetry/api";
import { OTLPLogExporter as JsonExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtobufExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from "@opentelemetry/sdk-logs";
import { gunzipSync } from "node:zlib";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestStack, type Hit, type TestStack } from "../support/test-stack.ts";

const RECORDS = 1_000;
const TRACE_ID = "5b8efff798038103d269b633813fc60c";
const SPAN_ID = "eee19b7ec3c1b174";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.[Symbol.asyncDispose]());

interface Exporter {
  readonly name: string;
  readonly create: (options: {
    readonly url: string;
    readonly headers: Record<string, string>;
    readonly compression: never;
  }) => LogRecordExporter;
  readonly compression: "gzip" | "none";
}

const EXPORTERS: readonly Exporter[] = [
  { name: "json", create: (options) => new JsonExporter(options), compression: "none" },
  { name: "json with gzip", create: (options) => new JsonExporter(options), compression: "gzip" },
  { name: "protobuf", create: (options) => new ProtobufExporter(options), compression: "none" },
  { name: "protobuf with gzip", create: (options) => new ProtobufExporter(options), compression: "gzip" },
];

const authorization = (): string => `Bearer ${stack.file.app.id}:${stack.file.app.key}`;

const startProvider = (
  { create, compression }: Exporter,
  service: string,
  url = new URL("/v1/logs", stack.file.worker).href,
): LoggerProvider => {
  const exporter = create({ url, headers: { authorization: authorization() }, compression: compression as never });
  return new LoggerProvider({
    resource: resourceFromAttributes({ "service.name": service, "service.version": "1.4.2" }),
    processors: [new BatchLogRecordProcessor({ exporter })],
  });
};

const ofService = (service: string): object => ({ term: { "resource.service.name": service } });

describe.each(EXPORTERS)("the exporter of OpenTelemetry JS, $name", (exporter) => {
  const service = `otel ${exporter.name}`;
  let hits: readonly Hit[];

  beforeAll(async () => {
    const provider = startProvider(exporter, service);
    const logger = provider.getLogger("checkout", "2.0.0");
    const error = new TypeError("no card");
    for (let n = 0; n < RECORDS - 3; n += 1) {
      logger.emit({ severityNumber: SeverityNumber.INFO, body: `event ${n}`, attributes: { n } });
      // A batch at a time, because the processor drops records beyond its queue.
      if (n % 500 === 499) await provider.forceFlush();
    }
    logger.emit({
      severityNumber: SeverityNumber.ERROR3,
      severityText: "SEVERE",
      body: "Grüße 😀 日本",
      attributes: {
        "exception.type": error.name,
        "exception.message": error.message,
        "exception.stacktrace": error.stack ?? "",
      },
      eventName: "payment",
    });
    logger.emit({ body: { cart: { items: [1, "two", null] }, total: 9_007_199_254_740_991 } });
    logger.emit({
      body: "in a trace",
      severityText: "verbose",
      context: trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 }),
      attributes: { big: 2 ** 53 - 1, ratio: 0.5, yes: true, list: ["a", "b"] },
    });
    await provider.forceFlush();
    await provider.shutdown();
    hits = await stack.search("logs-*", ofService(service), 2 * RECORDS);
  });

  it("stores each record once", () => {
    const bodies = hits.map(({ _source }) => String(_source["body"])).filter((body) => body.startsWith("event "));
    expect(hits).toHaveLength(RECORDS);
    expect(new Set(bodies).size).toBe(RECORDS - 3);
  });

  const find = (body: RegExp): Hit["_source"] | undefined =>
    hits.find(({ _source }) => body.test(String(_source["body"])))?._source;

  it("keeps levels, exception, unicode and the name of the event", () => {
    expect(find(/Grüße/)).toMatchObject({
      body: "Grüße 😀 日本",
      severity: { text: "error" },
      exception: { type: "TypeError", message: "no card", stacktrace: expect.stringContaining("at ") },
      attributes: {
        "event.name": "payment",
        "log.level": "SEVERE",
        "log.record.severity_number": SeverityNumber.ERROR3,
        "otel.scope.name": "checkout",
        "otel.scope.version": "2.0.0",
      },
      edgelog: { dialect: "otlp", transport: "http" },
    });
    expect(find(/in a trace/)).toMatchObject({
      severity: { text: "trace" },
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      attributes: { ratio: 0.5, yes: true, list: ["a", "b"] },
    });
  });

  it("has the JSON of a body that is a map", () => {
    expect(find(/cart/)?.["body"]).toBe('{"cart":{"items":[1,"two",null]},"total":9007199254740991}');
  });
});

describe("POST /v1/logs", () => {
  /** The first request that an exporter sends, as bytes. */
  const recordRequest = async (exporter: Exporter): Promise<{ body: Buffer; type: string }> => {
    let body = Buffer.alloc(0);
    let type = "";
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const sent = Buffer.concat(chunks);
        body = request.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
        type = request.headers["content-type"] ?? "";
        response.end();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const provider = startProvider(exporter, `again ${exporter.name}`, `http://127.0.0.1:${port}/v1/logs`);
    for (const n of [1, 2, 3]) provider.getLogger("again").emit({ body: `again ${n}` });
    await provider.forceFlush();
    await provider.shutdown();
    server.close();
    return { body, type };
  };

  const post = (body: BodyInit, type: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(new URL("/v1/logs", stack.file.worker), {
      method: "POST",
      body,
      headers: { authorization: authorization(), "Content-Type": type, ...headers },
    });

  it.each(EXPORTERS.filter(({ compression }) => compression === "none"))(
    "stores the same request sent again once, $name",
    async (exporter) => {
      const { body, type } = await recordRequest(exporter);
      for (let round = 0; round < 2; round += 1) {
        const response = await post(body as never, type);
        expect(response.status).toBe(200);
        expect(response.headers.get("Content-Type")).toBe(type);
        expect(await response.text()).toBe(exporter.name === "json" ? "{}" : "");
      }
      expect(await stack.count("logs-*", ofService(`again ${exporter.name}`))).toBe(3);
    },
  );

  it("stores more records than one payload may have", async () => {
    const logRecords = Array.from({ length: 2_500 }, (_, n) => ({
      timeUnixNano: `${Date.now()}000000`,
      body: { stringValue: `many ${n}` },
    }));
    const attributes = [{ key: "service.name", value: { stringValue: "many" } }];
    const request = { resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] };
    const response = await post(JSON.stringify(request), "application/json");
    expect([response.status, await response.json()]).toEqual([200, {}]);
    expect(await stack.count("logs-*", ofService("many"))).toBe(2_500);
  });

  it.each([
    ["an empty JSON request", "{}", "application/json", 200],
    ["an empty protobuf request", "", "application/x-protobuf", 200],
    ["JSON that is not OTLP", '{"a":1}', "application/json", 400],
    ["bytes that are not protobuf", "\u0001\u0002\u0003", "application/x-protobuf", 400],
  ])("answers %s", async (_name, body, type, status) => {
    const response = await post(body, type);
    expect([response.status, response.headers.get("Content-Type")]).toEqual([status, type]);
    const text = await response.text();
    const expected = type === "application/json" ? (status === 200 ? /^{}$/ : /^{"code":3,"message":".+"}$/) : /^/;
    expect(text).toMatch(expected);
  });

  it("answers wrong credentials with a status in the encoding of the request", async () => {
    const wrong = { authorization: "Bearer demo:elk_wrong" };
    const json = await post("{}", "application/json", wrong);
    expect([json.status, await json.json()]).toEqual([401, { code: 16, message: expect.any(String) }]);
    const binary = await post("", "application/x-protobuf", wrong);
    expect([binary.status, binary.headers.get("Content-Type")]).toEqual([401, "application/x-protobuf"]);
  });

  it("may be sent by pages", async () => {
    const response = await fetch(new URL("/v1/logs", stack.file.worker), {
      method: "OPTIONS",
      headers: {
        Origin: "https://shop.example.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
      },
    });
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("https://shop.example.com");
    expect(response.headers.get("Access-Control-Allow-Headers")?.toLowerCase()).toContain("authorization");
  });
});
