/**
 * Invalid input from end to end: over HTTP the response names field and limit, over MQTT the rejected store has the event
 * with its reason. Valid events of the same batch are stored.
 */
import { gzipSync } from "node:zlib";
import { execa } from "execa";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAX_BODY_LENGTH, MAX_REQUEST_BYTES } from "#contract/wire/limits.ts";
import { receiptSchema } from "#contract/wire/receipt.ts";
import { ROOT_DIR } from "../stack/lib/state-dir.ts";
import { invalidFixtures } from "../contract/tests/fixtures.ts";
import { startCommandHost, type CommandHost, type CommandResult } from "./support/commands/command-host.ts";
import { startFakeOpenSearch } from "./support/fake-opensearch.ts";
import { queryOpenSearch } from "./support/query-opensearch.ts";
import { startPublisher } from "./support/mqtt-publisher.ts";
import { startTestStack, type TestStack } from "./support/test-stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.[Symbol.asyncDispose]());

const compare = (left = "", right = ""): number => left.localeCompare(right);
const fixtures = invalidFixtures.filter(({ bytes }) => bytes.byteLength > 0);

describe("invalid input over HTTP", () => {
  it.each(fixtures)("is rejected: $name ($description)", async ({ bytes, rejected }) => {
    const response = await stack.postLogs(bytes);
    const receipt = receiptSchema.parse(await response.json());
    expect(response.status).toBe(receipt.stored > 0 ? 200 : 400);
    expect(receipt.rejected).toMatchObject(rejected);
  });

  it("is rejected with the exceeded limit, and other events of the batch are stored", async () => {
    const ok = uuidv7();
    const response = await stack.postLogs({
      v: 1,
      events: [{ id: ok, body: "fine" }, { body: "x".repeat(MAX_BODY_LENGTH + 1) }],
    });
    expect(await response.json()).toMatchObject({
      stored: 1,
      rejected: [{ index: 1, reason: "too_long", field: "body", limit: MAX_BODY_LENGTH }],
    });
    expect(await stack.count("logs-*", { term: { "log.record.uid": ok } })).toBe(1);
  });

  it.each([
    ["a body over the limit", "x".repeat(MAX_REQUEST_BYTES + 1), {}, 413, "too_large"],
    ["an unsupported encoding", "x", { "Content-Encoding": "br" }, 415, "unsupported_encoding"],
    ["a wrong key", "x", { Authorization: "Bearer demo:wrong" }, 401, "invalid_credentials"],
    ["an unknown app", "x", { Authorization: "Bearer unknown:wrong" }, 401, "invalid_credentials"],
    ["no credentials", "x", { Authorization: "" }, 401, "missing_credentials"],
  ])("is refused: %s", async (_, body, headers, status, reason) => {
    const response = await stack.postLogs(body, headers);
    expect(response.status).toBe(status);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ status, reason });
  });

  it("gets responses that pages of other origins can read", async () => {
    const headers = { Origin: "https://shop.example" };
    const stored = await stack.postLogs({ body: "x" }, headers);
    const refused = await stack.postLogs({ body: "x" }, { ...headers, Authorization: "Bearer demo:wrong" });
    expect([stored.status, refused.status]).toEqual([200, 401]);
    for (const response of [stored, refused]) {
      expect(response.headers.get("Access-Control-Allow-Origin")).toBe(headers.Origin);
      expect(response.headers.get("Access-Control-Allow-Credentials")).toBe("true");
    }
    const preflight = await fetch(new URL("/logs", stack.file.worker), {
      method: "OPTIONS",
      headers: {
        ...headers,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
      },
    });
    expect(preflight.headers.get("Access-Control-Allow-Headers")?.toLowerCase()).toContain("authorization");
  });

  it.each([
    ["just over the limit", MAX_REQUEST_BYTES + 1],
    ["far over the limit", 9_000_000],
  ])("is rejected as too large: gzip without Content-Encoding that is %s", async (_, bytes) => {
    const response = await stack.postLogs(gzipSync("x".repeat(bytes)));
    const receipt = receiptSchema.parse(await response.json());
    expect(response.status).toBe(413);
    expect(receipt.rejected).toMatchObject([{ reason: "too_large" }]);
  });

  it("does not include a body at the size limit, plain or compressed", async () => {
    const events = Array.from({ length: 10 }, () => ({ id: uuidv7(), body: "x".repeat(104_000) }));
    const text = JSON.stringify({ v: 1, events }).padEnd(MAX_REQUEST_BYTES, " ");
    const plain = await stack.postLogs(text);
    expect(await plain.json()).toMatchObject({ stored: 10 });
    const gzipped = await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
    const again = await stack.postLogs(gzipped, { "Content-Encoding": "gzip" });
    expect(await again.json()).toMatchObject({ duplicates: 10 });
  });
});

describe("invalid input over MQTT", () => {
  it("is stored in the rejected store with its reason, and valid events are stored as logs", async () => {
    const { file } = stack;
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
    const rejectedHits = await stack.search("rejected-*", { term: { "edgelog.client": "bad" } }, 1_000);
    const reasons = rejectedHits.map(({ _source }) => _source["reason"] as string).toSorted(compare);
    expect(reasons).toEqual(fixtures.flatMap(({ rejected }) => rejected.map(({ reason }) => reason)).toSorted(compare));
    const binary = rejectedHits.find(({ _source }) => _source["reason"] === "not_utf8");
    expect(binary?._source["payload"]).toEqual({ base64: "//79/A==", bytes: 4 });

    const stored = fixtures.flatMap(({ name }) => publisher.receipts.get(name)?.stored ?? 0);
    expect(await stack.count("logs-*", { term: { "edgelog.client": "bad" } })).toBe(
      stored.reduce((sum, count) => sum + count, 0),
    );
  });
});

describe("npm run rejected", () => {
  let host: CommandHost;
  beforeAll(() => {
    host = startCommandHost();
  });
  afterAll(() => host[Symbol.asyncDispose]());

  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> =>
    host.run("rejected.ts", args, { EDGELOG_HOME: stack.home, ...env });
  const rejected = async (...args: readonly string[]): Promise<string> => {
    const result = await run(args);
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    return result.stdout;
  };
  /** Stores a rejected document, as an earlier version would have done. */
  const storeRejected = async (text: string, members: object = {}): Promise<string> => {
    const id = uuidv7();
    const day = new Date().toISOString();
    const document = {
      "@timestamp": day,
      reason: "unknown_shape",
      message: "\u001b[31mred",
      edgelog: { app: "demo", client: "c9", topic: "logs/demo/c9", transport: "mqtt" },
      payload: { text, bytes: text.length },
      ...members,
    };
    await fetch(
      new URL(`/rejected-${day.slice(0, 10).replaceAll("-", ".")}/_doc/${id}?refresh=true`, stack.file.opensearch),
      {
        method: "PUT",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(document),
      },
    );
    return id;
  };

  it("replays events that are valid now, keeps the others, and stores no duplicates when run again", async () => {
    const body = `valid ${uuidv7()}`;
    const valid = await storeRejected(JSON.stringify({ body }));
    const broken = await storeRejected('{"still":broken');
    expect(await rejected("list", "--reason", "unknown_shape")).toContain(String.raw`\u001b[31mred`);
    expect(await rejected("replay", valid, broken)).toContain("1 replayed, 1 still rejected");
    expect(await run(["replay", valid, broken])).toMatchObject({
      exitCode: 1,
      stdout: "0 replayed, 1 still rejected",
      stderr: `Not found: ${valid}`,
    });
    expect(await stack.count("logs-*", { match_phrase: { body } })).toBe(1);
    expect(await stack.count("rejected-*", { ids: { values: [valid, broken] } })).toBe(1);
  });

  it("counts the events of a document that has only their number", async () => {
    const erased = { reason: "erased", message: "-", payload: { bytes: 1 } };
    await storeRejected("", { ...erased, event: { count: 69 } });
    await storeRejected("", erased);
    expect(await rejected("list", "--reason", "erased")).toMatch(/erased \(69 events\) {2}-\n(?:.*\n)?70 rejected$/);
    expect(await rejected("replay", "--reason", "erased")).toMatch(/^70 cannot be replayed: only their number/m);
  });

  it("replays events behind more than 1,000 newer ones that are still invalid", async () => {
    const mark = uuidv7();
    const day = new Date().toISOString().slice(0, 10);
    const index = `rejected-${day.replaceAll("-", ".")}`;
    const toLines = (time: string, text: string): string =>
      `${JSON.stringify({ create: { _id: uuidv7() } })}\n${JSON.stringify({
        "@timestamp": `${day}T${time}Z`,
        reason: "over_quota",
        message: mark,
        edgelog: { app: "demo", client: mark, topic: `logs/demo/${mark}`, transport: "mqtt" },
        payload: { text, bytes: text.length },
      })}\n`;
    const good = Array.from({ length: 50 }, (_, i) =>
      toLines("00:00:00.000", JSON.stringify({ body: `${mark} ${i}` })),
    );
    // With the same time, as a batch of invalid events has.
    const invalid = Array.from({ length: 1_010 }, () => toLines("00:00:00.001", '{"still":broken'));
    await queryOpenSearch(stack.file.opensearch, `/${index}/_bulk?refresh=true`, [...good, ...invalid].join(""));

    expect(await rejected("list", "--reason", "over_quota")).toContain("1060 rejected; the newest 1000 are listed");
    expect(await rejected("replay", "--reason", "over_quota")).toBe("50 replayed, 1010 still rejected");
    expect(await stack.count("logs-*", { term: { "edgelog.client": mark } })).toBe(50);
    expect(await stack.count("rejected-*", { term: { "edgelog.client": mark } })).toBe(1_010);
  });

  it("adds no copy of an event that is still rejected, and stores it after the cause is fixed", async () => {
    const { app } = stack.file;
    const body = `disabled ${uuidv7()}`;
    const store = (topic: string): Promise<string> => {
      const edgelog = { app: app.id, topic, transport: "mqtt" };
      return storeRejected(JSON.stringify({ body }), { reason: "app_disabled", message: body, edgelog });
    };
    await store(`logs/${app.id}/c1`);
    await store(`logs/${app.id}/a/b`);
    const count = (indices: string): Promise<number> => stack.count(indices, { match_phrase: { message: body } });

    const apps = (...args: readonly string[]): Promise<CommandResult> =>
      host.run("app.ts", args, { EDGELOG_HOME: stack.home });
    const waitForStatus = (expected: number): Promise<number> =>
      stack.waitFor(
        "the state of the app",
        async () => (await stack.postLogs({ body: "x" })).status,
        (status) => status === expected,
      );
    expect(await apps("disable", app.id)).toMatchObject({ exitCode: 0 });
    try {
      await waitForStatus(403);
      for (const _ of [1, 2]) {
        expect(await rejected("replay", "--reason", "app_disabled")).toBe("0 replayed, 2 still rejected"); // oxlint-disable-line no-await-in-loop
      }
      expect(await count("rejected-*")).toBe(2);
    } finally {
      await apps("enable", app.id);
    }
    await waitForStatus(200);
    // The topic of the other one has too many levels.
    expect(await rejected("replay", "--reason", "app_disabled")).toBe("1 replayed, 1 still rejected");
    expect(await count("rejected-*")).toBe(1);
    expect(await stack.count("logs-*", { match_phrase: { body } })).toBe(1);
  });

  it("leaves parts of payloads and the payloads of other protocols, and keeps the transport and the User-Agent", async () => {
    const mark = uuidv7();
    const userAgent = `probe/${mark}`;
    const post = (path: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
      fetch(new URL(path, stack.file.worker), {
        method: "POST",
        headers: {
          Authorization: `Basic ${btoa(`${stack.file.app.id}:${stack.file.app.key}`)}`,
          "User-Agent": userAgent,
          ...headers,
        },
        body,
      });
    await post("/logs", '[1,"a",true]');
    await post("/logs", '[{"body":"kept"},3]');
    await post("/logs", "zz", { "Content-Encoding": "gzip" });
    await post("/_bulk", "zz");
    await Promise.all(["/heroku", "/logpush"].map((path) => post(path, "x")));
    await post("/v1/logs", "{", { "Content-Type": "application/json" });
    const mine = { term: { "resource.user_agent.original": userAgent } };
    const hits = await stack.search("rejected-*", { match_all: {} }, 5_000);
    const ids = hits.filter(({ _source }) => _source["edgelog"].userAgent === userAgent).map(({ _id }) => _id);
    expect(ids).toHaveLength(9);
    expect((await rejected("replay", ...ids)).split("\n").toSorted(compare)).toEqual([
      "0 replayed, 4 still rejected",
      "1 cannot be replayed: elasticsearch: the payload is in the format of another route; have the sender send it again",
      "1 cannot be replayed: logplex: the payload is in the format of another route; have the sender send it again",
      "1 cannot be replayed: logpush: the payload is in the format of another route; have the sender send it again",
      "1 cannot be replayed: otlp: the payload is in the format of another route; have the sender send it again",
      "1 cannot be replayed: the body was not valid in its Content-Encoding",
    ]);
    // As an earlier version stored an element of an array.
    const element = await storeRejected("2");
    expect(await rejected("replay", element)).toContain("1 cannot be replayed: an earlier version");
    expect(await stack.count("logs-*", mine)).toBe(1);

    const body = `valid over HTTP ${mark}`;
    const edgelog = { app: stack.file.app.id, transport: "http", userAgent };
    const valid = await storeRejected(JSON.stringify({ body }), { edgelog });
    expect(await rejected("replay", valid)).toBe("1 replayed, 0 still rejected");
    const [log] = await stack.search("logs-*", { match_phrase: { body } });
    expect(log?._source).toMatchObject({
      edgelog: { transport: "http" },
      resource: { user_agent: { original: userAgent } },
    });
    expect(log?._source["edgelog"].client).toBeUndefined();
  });

  it("shows an event, and exits with 1 if there is none with the id", async () => {
    const id = await storeRejected('{"still":broken');
    // In a separate process, which also shows that the command ends.
    const { stdout } = await execa(process.execPath, ["stack/commands/rejected.ts", "show", id], {
      cwd: ROOT_DIR,
      env: { EDGELOG_HOME: stack.home },
    });
    expect(stdout).toContain('"reason": "unknown_shape"');
    const unknown = uuidv7();
    expect(await run(["show", id, unknown])).toMatchObject({ exitCode: 1, stderr: `Not found: ${unknown}` });
    const { exitCode, stderr } = await run(["list", "--reason", "zzz"]);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining("--reason: unknown; the reasons are empty_payload"),
    ]);
    const unknownApp = await run(["replay", "--app", "nope"]);
    expect([unknownApp.exitCode, unknownApp.stderr]).toEqual([1, expect.stringContaining("No app nope has sent")]);
    expect(await run(["show"])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Missing id") });
  });

  it("authenticates with the user in OPENSEARCH_URL, and reports an error status", async () => {
    const authorizations: unknown[] = [];
    await using opensearch = await startFakeOpenSearch((request, response) => {
      authorizations.push(request.headers.authorization);
      response.writeHead(403, { "Content-Type": "application/json" }).end('{"error":"no","status":403}');
    });
    const { stderr } = await run(["list"], { OPENSEARCH_URL: `http://operator:s3cret@${opensearch.host}` });
    expect(stderr).toBe("OpenSearch responded with 403 to POST /rejected-*/_search: Response Error");
    expect(authorizations).toEqual([`Basic ${btoa("operator:s3cret")}`]);
  });
});
