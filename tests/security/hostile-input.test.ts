/**
 * Hostile input: bombs, generated payloads and mutated payloads over HTTP and MQTT. The Worker never responds with 5xx (except 503,
 * while it has no memory for a further request), relay and broker keep running, memory stays bounded, events of other senders are
 * stored, and every input has a result.
 *
 * EDGELOG_FUZZ_RUNS (number of inputs, default 1,000; half over HTTP, half over MQTT) and EDGELOG_FUZZ_SEED change the run.
 */
import { connect } from "node:net";
import { dirname } from "node:path";
import { gzipSync, deflateSync } from "node:zlib";
import { handleType, retry } from "cockatiel";
import fc from "fast-check";
import mqtt from "mqtt";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { problemSchema, type Problem } from "#contract/api/problem.ts";
import { searchParamsSchema } from "#contract/api/search.ts";
import { receiptSchema, type Receipt } from "#contract/wire/receipt.ts";
import { fetchUntilAccepted } from "../support/fetch-until-accepted.ts";
import { startPublisher } from "../support/mqtt-publisher.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";
import { readRelayMetric } from "../support/relay-metric.ts";
import { createApp, withApps } from "../support/security/apps.ts";
import { HOSTILE_PAYLOADS } from "../support/security/hostile-payloads.ts";
import { payload } from "../support/security/random-payloads.ts";
import { watchWorkerd, type WorkerdProcess } from "../support/workerd-process.ts";

const RUNS = Number(process.env["EDGELOG_FUZZ_RUNS"] ?? 1_000);
const SEED = Number(process.env["EDGELOG_FUZZ_SEED"] ?? Date.now() % 2 ** 31);
/** Number of concurrent inputs. */
const GROUP = 50;
const FUZZ_TIMEOUT_MS = 30_000 + RUNS * 50;

const MAX_SHOWN_LENGTH = 2_000;

/** Limit for the memory growth of one request, including garbage. A decompressed bomb would be 1 GiB. */
const MAX_GROWTH_MIB = 300;

let stack: TestStack;
let workerd: WorkerdProcess;
const keys = { http: "", mqtt: "" };

beforeAll(async () => {
  stack = await startTestStack();
  const { processes, ca } = stack.file;
  workerd = watchWorkerd(processes.worker ?? 0);
  await withApps(dirname(dirname(dirname(ca))), async (registry) => {
    keys.http = await createApp(registry, "fuzz-http");
    keys.mqtt = await createApp(registry, "fuzz-mqtt");
  });
});
afterAll(() => stack?.[Symbol.asyncDispose]());

/** The inputs of a group may need more memory at the same time than the Worker gives one app. */
const post = async (path: string, body: Uint8Array, headers: Record<string, string>): Promise<Response> => {
  const init = { method: "POST", body: Buffer.from(body), headers };
  return (await fetchUntilAccepted(new URL(path, stack.file.worker), init)).response;
};

const countLogs = (app: string, indices = "logs-*"): Promise<number> =>
  stack.count(indices, { term: { "edgelog.app": app } });

const readMetric = async (name: string): Promise<number> => {
  return (await readRelayMetric(stack.file.relayHealth, name)) ?? Number.NaN;
};

/** The body of a response. Throws with it if the status is another one. */
const readText = async (response: Response, statuses: readonly number[]): Promise<string> => {
  const text = await response.text();
  if (!statuses.includes(response.status)) throw new Error(`status ${response.status}: ${text}`);
  return text;
};

/** Runs `work` while another client logs, and verifies that all events of that client are stored. */
const withOtherClient = async (work: () => Promise<void>): Promise<void> => {
  const mark = uuidv7();
  let isOver = false;
  const otherClient = (async () => {
    let sent = 0;
    for (; !isOver; sent += 1) {
      const response = await stack.postLogs({ body: "other", attributes: { mark } });
      await readText(response, [200]);
    }
    return sent;
  })();
  await work().finally(() => (isOver = true));
  const sent = await otherClient;
  expect(await stack.count("logs-*", { term: { "attributes.mark": mark } })).toBe(sent);
};

/** Every response to `POST /logs` is one of these. */
const bodySchema = z.union([receiptSchema, problemSchema]);

/**
 * workerd responds before it has read all of a body that is too large, and closes the connection. A client that is still writing may
 * then fail before it reads the response, and sends the request again.
 */
const tooLarge = retry(handleType(TypeError), { maxAttempts: 10 });

describe("hostile payloads", () => {
  it.each(HOSTILE_PAYLOADS)("over HTTP: $name", async ({ body, encoding, status, reason }) => {
    await withOtherClient(async () => {
      workerd.resetPeak();
      const before = workerd.peakMib();
      const headers = encoding === undefined ? {} : { "Content-Encoding": encoding };
      const post = async (): Promise<readonly [status: number, text: string]> => {
        const response = await stack.postLogs(body, headers);
        return [response.status, await response.text()];
      };
      const [received, text] = await (status === 413 ? tooLarge.execute(post) : post());
      expect(received).toBe(status);
      // The response does not repeat the payload.
      expect(text.length).toBeLessThan(10_000);
      const answer = bodySchema.parse(JSON.parse(text));
      expect("v" in answer ? answer.rejected[0]?.reason : answer.reason).toBe(reason);
      expect(workerd.peakMib() - before).toBeLessThan(MAX_GROWTH_MIB);
    });
  });

  const fitting = HOSTILE_PAYLOADS.filter(({ body, encoding }) => encoding === undefined && body.length < 1_048_576);

  it.each(fitting)("over MQTT: $name", async ({ body, reason }) => {
    const { mqtt: url, app } = stack.file;
    await using publisher = await startPublisher({ url, app: app.id, key: app.key });
    await publisher.publish(body, "bomb");
    await publisher.publishBatch(["other"], "other");
    const receipt = await publisher.receipt("bomb");
    expect(receipt.rejected[0]?.reason).toBe(reason);
    expect(await publisher.receipt("other")).toMatchObject({ stored: 1 });
  });

  it("closes only the connection that sends a packet above the broker's limit", async () => {
    const { mqtt: url, app } = stack.file;
    await using other = await startPublisher({ url, app: app.id, key: app.key });
    // An MQTT 3.1.1 client does not receive the limit and sends the packet.
    const login = { username: app.id, password: app.key, clientId: "big", protocolVersion: 4 as const };
    const client = await mqtt.connectAsync(url, { ...login, reconnectPeriod: 0 });
    client.on("error", () => undefined);
    const isClosed = new Promise<void>((resolve) => client.once("close", resolve));
    client.publish("logs/demo/big", "x".repeat(1_200_000), { qos: 1 }, () => undefined);
    await isClosed;
    await other.publishBatch(["other"], "other");
    expect(await other.receipt("other")).toMatchObject({ stored: 1 });
  });
});

/** A payload, its Content-Encoding and its Content-Type. */
const requestInput = fc.tuple(
  payload,
  fc.constantFrom<string | undefined>(undefined, undefined, "gzip", "deflate", "mislabelled", "br", "x\u00e9"),
  fc.constantFrom("application/json", "text/plain", "application/x-ndjson", "multipart/form-data", "nonsense"),
);

type RequestInput = [Uint8Array, string | undefined, string];

const postInput = ([bytes, encoding, type]: RequestInput): Promise<Response> => {
  const isMislabelled = encoding === "mislabelled";
  const body = encoding === "gzip" ? gzipSync(bytes) : encoding === "deflate" ? deflateSync(bytes) : bytes;
  return post("/logs", body, {
    Authorization: `Bearer fuzz-http:${keys.http}`,
    "Content-Type": type,
    ...(encoding === undefined ? {} : { "Content-Encoding": isMislabelled ? "gzip" : encoding }),
  });
};

/** Number of events with a complete result in a response; a problem with a reason counts as one. */
const countResults = (answer: Receipt | Problem): number => {
  const hasReason = (each: { reason?: unknown; message?: unknown; detail?: unknown }): boolean =>
    typeof each.reason === "string" && each.reason !== "internal" && typeof (each.message ?? each.detail) === "string";
  if (!("v" in answer)) return hasReason(answer) ? 1 : 0;
  return answer.stored + answer.duplicates + answer.rejected.filter(hasReason).length;
};

/** Runs `check` on concurrent inputs. On failure, reports the input and the seed. */
const assertEach = async <T>(arbitrary: fc.Arbitrary<T>, runs: number, check: (input: T) => Promise<void>) => {
  console.log(`fast-check seed ${SEED}, ${runs} inputs`);
  const groups = fc.array(arbitrary, { minLength: GROUP, maxLength: GROUP });
  const checkGroup = async (group: T[]): Promise<void> => {
    await Promise.all(
      group.map(async (input) => {
        await check(input).catch((cause: unknown) => {
          throw new Error(`input ${fc.stringify(input).slice(0, MAX_SHOWN_LENGTH)}`, { cause });
        });
      }),
    );
  };
  const parameters = { seed: SEED, numRuns: Math.ceil(runs / GROUP), endOnFailure: true };
  const { failed, errorInstance } = await fc.check(fc.asyncProperty(groups, checkGroup), parameters);
  if (failed) throw new Error(`failed with EDGELOG_FUZZ_SEED=${SEED}`, { cause: errorInstance });
};

describe("generated and mutated payloads", () => {
  it(
    "over HTTP are stored, rejected with a reason, or refused with 4xx",
    async () => {
      const outcome = { stored: 0, rejected: 0, refused: 0 };
      const cpuBefore = workerd.cpuSeconds();
      await assertEach(requestInput, RUNS / 2, async (input) => {
        const response = await postInput(input);
        const answer = bodySchema.parse(JSON.parse(await readText(response, [200, 400, 413, 415])));
        expect(countResults(answer)).toBeGreaterThan(0);
        if ("v" in answer) {
          outcome.stored += answer.stored;
          outcome.rejected += answer.rejected.length;
        } else {
          outcome.refused += 1;
        }
      });
      console.log(
        outcome,
        `${((1_000 * (workerd.cpuSeconds() - cpuBefore)) / (RUNS / 2)).toFixed(2)} ms of CPU time per input`,
      );
      expect(await countLogs("fuzz-http")).toBe(outcome.stored);
      expect(await countLogs("fuzz-http", "rejected-*")).toBeLessThanOrEqual(outcome.rejected);
      expect(Math.min(outcome.stored, outcome.rejected, outcome.refused)).toBeGreaterThan(0);
    },
    FUZZ_TIMEOUT_MS,
  );

  it(
    "over MQTT each get a receipt, while relay and broker keep running",
    async () => {
      const { mqtt: url, relayHealth, processes } = stack.file;
      await using publisher = await startPublisher({ url, app: "fuzz-mqtt", key: keys.mqtt });
      const outcome = { stored: 0, rejected: 0 };
      await assertEach(payload, RUNS / 2, async (bytes) => {
        const correlation = uuidv7();
        await publisher.publish(Buffer.from(bytes), correlation);
        const receipt = await publisher.receipt(correlation);
        expect(countResults(receipt)).toBeGreaterThan(0);
        outcome.stored += receipt.stored;
        outcome.rejected += receipt.rejected.length;
      });
      console.log(outcome);
      expect(await countLogs("fuzz-mqtt")).toBe(outcome.stored);
      expect(Math.min(outcome.stored, outcome.rejected)).toBeGreaterThan(0);
      expect((await fetch(relayHealth)).status).toBe(200);
      // No service has restarted.
      expect(stack.file.processes).toEqual(processes);
      expect(await readMetric("messages_refused_total")).toBe(0);
    },
    FUZZ_TIMEOUT_MS,
  );

  it("never get 5xx on the other routes", async () => {
    const { readerToken } = stack.file;
    const relay = { Authorization: `Bearer ${stack.services.worker.secrets.relayToken}` };
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("*", '"', "a:b", "\\", "(", "1e400", "-1", "[]"),
    );
    const known = fc.constantFrom(...Object.keys(searchParamsSchema.shape));
    const query = fc.oneof(
      { arbitrary: fc.dictionary(known, text), weight: 9 },
      { arbitrary: fc.dictionary(text, text), weight: 1 },
    );
    const input = fc.record({ frame: fc.oneof(payload, frame), query });
    await assertEach(input, Math.min(RUNS / 4, 1_000), async (each) => {
      const relayed = await post("/relay", each.frame, relay);
      await expect(readText(relayed, [200, 400, 409])).resolves.toBeTypeOf("string");
      const url = new URL(`/search?${new URLSearchParams(each.query)}`, stack.file.worker);
      const init = { headers: { Authorization: `Bearer ${readerToken}` } };
      const { response: found } = await fetchUntilAccepted(url, init);
      await expect(readText(found, [200, 400, 403])).resolves.toBeTypeOf("string");
    });
  });

  it("that are not MQTT make the broker close the connection and keep running", async () => {
    const { hostname, port } = new URL(stack.file.mqtt);
    const sendBytes = (bytes: Uint8Array): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect(Number(port), hostname, () => socket.end(bytes));
        socket.once("close", () => resolve()).once("error", () => resolve());
        socket.resume();
      });
    await assertEach(fc.oneof(fc.uint8Array({ maxLength: 200 }), packet), 500, sendBytes);
    await using publisher = await startPublisher({
      url: stack.file.mqtt,
      app: stack.file.app.id,
      key: stack.file.app.key,
    });
    await publisher.publishBatch(["after"], "after");
    expect(await publisher.receipt("after")).toMatchObject({ stored: 1 });
  });
});

/** A relay frame with a header that may not match its content. */
const frame = fc
  .tuple(fc.array(fc.tuple(fc.uuid(), fc.constantFrom("logs/fuzz-mqtt/c", "mqtt", "logs/x", ""), fc.nat(50))), payload)
  .map(([messages, rest]) => Buffer.concat([Buffer.from(`${JSON.stringify({ v: 1, messages })}\n`), rest]));

/** An MQTT 5 CONNECT packet with random bytes after its fixed header. */
const packet = fc
  .uint8Array({ minLength: 1, maxLength: 60 })
  .map((bytes) =>
    Buffer.concat([
      Buffer.from([0x10, bytes.byteLength + 10, 0, 4]),
      Buffer.from("MQTT"),
      Buffer.from([5, 0xc2, 0, 60]),
      bytes,
    ]),
  );
