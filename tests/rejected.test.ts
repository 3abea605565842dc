/**
 * Bad input through the whole line: over HTTP an error that names field and limit, over MQTT an entry in the rejected
 * store with its reason; and the neighbours are stored.
 */
import { execFile } from "node:child_process";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAX_BODY_LENGTH, MAX_REQUEST_BYTES } from "#contract/wire/limits.ts";
import { receiptSchema } from "#contract/wire/receipt.ts";
import type { SearchResponse } from "#contract/api/search.ts";
import { invalidFixtures } from "../contract/tests/fixtures.ts";
import { startPublisher } from "./support/mqtt-publisher.ts";
import { startTestStack, type TestStack } from "./support/test-stack.ts";

let line: TestStack;
beforeAll(async () => {
  line = await startTestStack();
});
afterAll(() => line?.[Symbol.asyncDispose]());

const compare = (left = "", right = ""): number => left.localeCompare(right);
const fixtures = invalidFixtures.filter(({ bytes }) => bytes.byteLength > 0);

describe("over HTTP", () => {
  it.each(fixtures)("$name: $description", async ({ bytes, rejected }) => {
    const response = await line.postLogs(bytes);
    const receipt = receiptSchema.parse(await response.json());
    expect(response.status).toBe(receipt.stored > 0 ? 200 : 400);
    expect(receipt.rejected).toMatchObject(rejected);
  });

  it("names the limit of a body that is too long, and stores its neighbours", async () => {
    const ok = uuidv7();
    const response = await line.postLogs({
      v: 1,
      events: [{ id: ok, body: "fine" }, { body: "x".repeat(MAX_BODY_LENGTH + 1) }],
    });
    expect(await response.json()).toMatchObject({
      stored: 1,
      rejected: [{ index: 1, reason: "too_long", field: "body", limit: MAX_BODY_LENGTH }],
    });
    expect(await line.count("logs-*", { ids: { values: [ok] } })).toBe(1);
  });

  it.each([
    ["a body over the limit", "x".repeat(MAX_REQUEST_BYTES + 1), {}, 413, "too_large"],
    ["an encoding that nobody knows", "x", { "Content-Encoding": "br" }, 415, "unsupported_encoding"],
    ["a body that is not gzip", "x", { "Content-Encoding": "gzip" }, 400, "unsupported_encoding"],
    ["a wrong key", "x", { Authorization: "Bearer demo:wrong" }, 401, "invalid_credentials"],
    ["an unknown app", "x", { Authorization: "Bearer nobody:wrong" }, 401, "invalid_credentials"],
    ["no credentials", "x", { Authorization: "" }, 401, "missing_credentials"],
  ])("refuses %s", async (_, body, headers, status, reason) => {
    const response = await line.postLogs(body, headers);
    expect(response.status).toBe(status);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ status, reason });
  });

  it("lets pages of other origins read receipts and refusals alike", async () => {
    const headers = { Origin: "https://shop.example" };
    const stored = await line.postLogs({ body: "x" }, headers);
    const refused = await line.postLogs({ body: "x" }, { ...headers, Authorization: "Bearer demo:wrong" });
    expect([stored.status, refused.status]).toEqual([200, 401]);
    for (const response of [stored, refused]) expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
    const preflight = await fetch(new URL("/logs", line.stack.file.worker), {
      method: "OPTIONS",
      headers: {
        ...headers,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
      },
    });
    expect(preflight.headers.get("Access-Control-Allow-Headers")?.toLowerCase()).toContain("authorization");
  });

  it("takes a body at the limit, also compressed", async () => {
    const events = Array.from({ length: 10 }, () => ({ id: uuidv7(), body: "x".repeat(104_000) }));
    const text = JSON.stringify({ v: 1, events }).padEnd(MAX_REQUEST_BYTES, " ");
    const plain = await line.postLogs(text);
    expect(await plain.json()).toMatchObject({ stored: 10 });
    const gzipped = await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
    const again = await line.postLogs(gzipped, { "Content-Encoding": "gzip" });
    expect(await again.json()).toMatchObject({ duplicates: 10 });
  });
});

describe("over MQTT", () => {
  it("keeps what it can't store with its reason, and stores the neighbours", async () => {
    const { file } = line.stack;
    await using publisher = await startPublisher({
      url: file.mqtt,
      app: file.app.id,
      key: file.app.key,
      clientId: "bad",
    });
    for (const { name, bytes } of fixtures) await publisher.publish(Buffer.from(bytes), name);
    for (const { name, rejected } of fixtures) {
      const receipt = await publisher.receipt(name);
      expect({ name, rejected: receipt.rejected }).toMatchObject({ name, rejected });
    }
    const kept = await line.search("rejected-*", { term: { "edgelog.client": "bad" } }, 1_000);
    const reasons = kept.map(({ _source }) => _source["reason"] as string).toSorted(compare);
    expect(reasons).toEqual(fixtures.flatMap(({ rejected }) => rejected.map(({ reason }) => reason)).toSorted(compare));
    const binary = kept.find(({ _source }) => _source["reason"] === "not_utf8");
    expect(binary?._source["payload"]).toEqual({ base64: "//79/A==", bytes: 4 });

    const stored = fixtures.flatMap(({ name }) => publisher.receipts.get(name)?.stored ?? 0);
    expect(await line.count("logs-*", { term: { "edgelog.client": "bad" } })).toBe(
      stored.reduce((sum, count) => sum + count, 0),
    );
  });
});

describe("GET /search", () => {
  const search = (query: string, token: string): Promise<Response> =>
    fetch(new URL(`/search?${query}`, line.stack.file.worker), { headers: { Authorization: `Bearer ${token}` } });

  it.each([
    ["an unknown token", "q=x", "elr_wrong", 401, { reason: "invalid_credentials" }],
    ["an app of others", "app=other", undefined, 403, { reason: "forbidden_app", field: "app" }],
    ["a limit too high", "limit=1001", undefined, 400, { reason: "too_long", field: "limit", limit: 1000 }],
    ["a severity that is none", "severity=loud", undefined, 400, { reason: "invalid_field", field: "severity" }],
  ])("refuses %s", async (_, query, token, status, problem) => {
    const response = await search(query, token ?? line.stack.file.readerToken);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject(problem);
  });

  it("is not put off by an attribute called __proto__", async () => {
    const id = uuidv7();
    await line.postLogs(`{"id":"${id}","body":"polluted","attributes":{"__proto__":{"isAdmin":true}}}`);
    await line.waitFor(
      "the log",
      () => line.count("logs-*", { ids: { values: [id] } }),
      (count) => count === 1,
    );
    const response = await search(`q=${id}`, line.stack.file.readerToken);
    expect(await response.text()).toContain('"__proto__":{"isAdmin":true}');
  });

  it("filters by the least severity", async () => {
    const mark = uuidv7();
    for (const severity of ["debug", "warn", "fatal"])
      await line.postLogs({ body: "graded", severity, attributes: { mark } });
    await line.waitFor(
      "the logs",
      () => line.count("logs-*", { term: { "attributes.mark": mark } }),
      (count) => count === 3,
    );
    const response = await search(`q=${mark}&severity=warn`, line.stack.file.readerToken);
    const answer = (await response.json()) as SearchResponse;
    expect(answer.hits.map(({ document }) => document.severity.text)).toEqual(["fatal", "warn"]);
  });
});

const startStore = async (answer: RequestListener): Promise<AsyncDisposable & { readonly host: string }> => {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

describe("npm run rejected", () => {
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    promisify(execFile)(process.execPath, ["stack/commands/rejected.ts", ...args], {
      env: { ...process.env, EDGELOG_HOME: dirname(dirname(dirname(line.stack.file.ca))), ...env },
    });
  const rejected = async (...args: readonly string[]): Promise<string> => (await run(args)).stdout;
  /** As if an earlier version had rejected it. */
  const keep = async (text: string): Promise<string> => {
    const id = uuidv7();
    const day = new Date().toISOString();
    const document = {
      "@timestamp": day,
      reason: "unknown_shape",
      message: "\u001b[31mred",
      edgelog: { app: "demo", client: "c9", topic: "logs/demo/c9", transport: "mqtt" },
      payload: { text, bytes: text.length },
    };
    await fetch(
      new URL(`/rejected-${day.slice(0, 10).replaceAll("-", ".")}/_doc/${id}?refresh=true`, line.stack.file.opensearch),
      {
        method: "PUT",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(document),
      },
    );
    return id;
  };

  it("replays what is mended, leaves the rest, and doubles nothing when run again", async () => {
    const body = `mended ${uuidv7()}`;
    const mended = await keep(JSON.stringify({ body }));
    const broken = await keep("{still broken");
    expect(await rejected("list", "--reason", "unknown_shape")).toContain(String.raw`\u001b[31mred`);
    expect(await rejected("replay", mended, broken)).toContain("1 replayed, 1 still rejected");
    expect(await rejected("replay", mended, broken)).toContain("0 replayed, 1 still rejected");
    expect(await line.count("logs-*", { match_phrase: { body } })).toBe(1);
    expect(await line.count("rejected-*", { ids: { values: [mended, broken] } })).toBe(1);
  });

  it("asks a cluster as the user in its URL, and says what it answered", async () => {
    const asked: unknown[] = [];
    await using store = await startStore((request, response) => {
      asked.push(request.headers.authorization);
      response.writeHead(403, { "Content-Type": "application/json" }).end('{"error":"no","status":403}');
    });
    const failure = run(["list"], { OPENSEARCH_URL: `http://operator:s3cret@${store.host}` }).catch(
      ({ stderr }: { stderr: string }) => stderr,
    );
    expect(await failure).toBe("OpenSearch responded with 403 to POST /rejected-*/_search: Response Error\n");
    expect(asked).toEqual([`Basic ${btoa("operator:s3cret")}`]);
  });
});
