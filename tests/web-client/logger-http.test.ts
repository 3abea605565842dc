/**
 * The logger over HTTP against a local server: the effect of each response on the events.
 */
import { describe, expect, it } from "vitest";
import { createLogger, type LoggerOptions, type Settlement } from "../../web-client/logger/index.ts";
import { DEFAULT_TUNING } from "../../web-client/logger/tuning.ts";
import { FAST } from "../support/web-client/fast-tuning.ts";
import {
  acceptAll,
  problem,
  startScriptedServer,
  type Script,
  type SentBatch,
} from "../support/web-client/scripted-server.ts";

/** The attributes of each event of a batch, without those that the logger adds. */
const attributesOf = ({ attributes: shared, events }: SentBatch): object[] =>
  events.map(({ attributes }) => {
    const {
      "session.id": session,
      "edgelog.sent_time": sent,
      ...rest
    } = {
      ...shared,
      ...attributes,
    };
    expect(session).toMatch(/^[\da-f-]{36}$/);
    expect(["number", "undefined"]).toContain(typeof sent); // requests of the core do not have this attribute
    return rest;
  });

const start = async (script: readonly Script[], options: Partial<LoggerOptions> = {}) => {
  const server = await startScriptedServer(...script);
  const logger = createLogger({
    app: "shop",
    key: "elk_test",
    endpoint: server.endpoint,
    transport: "http",
    fetch,
    ...options,
    tuning: { ...FAST, ...options.tuning },
  });
  const settlements: Settlement[] = [];
  logger.onSettled((news) => settlements.push(...news));
  return {
    ...server,
    logger,
    settlements,
    async [Symbol.asyncDispose]() {
      await logger.close(50);
      await server.stop();
    },
  };
};

describe("createLogger over HTTP", () => {
  it("sends the events of one task as one batch, by a request without a preflight", async () => {
    await using it = await start([], { resource: { "service.version": "1.2.3" }, attributes: { "session.id": "s1" } });
    const id = it.logger.info("hello", { n: 1 });
    it.logger.error("world");
    expect(await it.logger.flush()).toBe(true);

    expect(it.requests).toHaveLength(1);
    const [{ url, headers, batch }] = it.requests as [(typeof it.requests)[number]];
    expect(url).toBe("/logs?app=shop&key=elk_test");
    expect(headers).toMatchObject({ "content-type": "text/plain;charset=UTF-8" });
    expect(headers).not.toHaveProperty("authorization");
    expect(batch).toMatchObject({
      v: 1,
      resource: { "service.name": "shop", "service.version": "1.2.3" },
      attributes: { "session.id": "s1" },
      events: [
        { id, severity: "info", body: "hello", attributes: { n: 1 } },
        { severity: "error", body: "world" },
      ],
    });
    expect(it.logger.counts).toMatchObject({ queued: 0, inFlight: 0, stored: 2, duplicates: 0, rejected: 0 });
    expect(it.logger.status).toEqual({ state: "online", transport: "http" });
    expect(it.settlements[0]).toEqual({ id, state: "stored" });
  });

  it("sends only the unfinished events again, after Retry-After", async () => {
    await using it = await start([
      ({ batch }) => ({
        status: 503,
        headers: { "retry-after": "1" },
        body: { v: 1, batch: batch.id, stored: 1, duplicates: 0, rejected: [], unfinished: [0, 2] },
      }),
    ]);
    for (const body of ["a", "b", "c"]) it.logger.info(body);
    const sinceMs = Date.now();
    expect(await it.logger.flush(5_000)).toBe(true);
    expect(Date.now() - sinceMs).toBeGreaterThanOrEqual(950);
    expect(it.requests.map(({ batch }) => batch.events.map(({ body }) => body))).toEqual([
      ["a", "b", "c"],
      ["a", "c"],
    ]);
    expect(it.logger.counts.stored).toBe(3);
  });

  it.each([
    ["a problem", problem(503)],
    ["too many requests", problem(429, { "retry-after": "0" })],
    ["the page of a captive portal", () => ({ status: 200, body: "<html>Log in to the Wi-Fi</html>" })],
    ["an inconsistent receipt", () => ({ status: 200, body: { v: 1, stored: 7, duplicates: 0, rejected: [] } })],
    ["a wrong URL", problem(404)],
  ])("sends the same batch again after %s", async (_note, refuse) => {
    await using it = await start([refuse, refuse]);
    it.logger.warn("important");
    expect(await it.logger.flush()).toBe(true);
    expect(it.requests).toHaveLength(3);
    expect(new Set(it.requests.map(({ batch }) => batch.events[0]?.id)).size).toBe(1);
    // The core made the first request, with another batch id than the sender's retries.
    expect(it.requests[1]?.batch.id).toBe(it.requests[2]?.batch.id);
    expect(it.logger.counts.stored).toBe(1);
  });

  it("sends again after the request timeout if the body of the first response does not end", async () => {
    const stall: Script = () => ({ status: 200, body: '{"v":1,', isStalled: true });
    await using it = await start([stall, problem(502)], { tuning: { requestTimeoutMs: 200 } });
    it.logger.info("first");
    await expect.poll(() => it.requests.length).toBe(1);
    it.logger.info("second");
    await expect.poll(() => it.requests.length).toBeGreaterThan(1);
    expect(await it.logger.flush()).toBe(true);
    expect(it.logger.counts).toMatchObject({ stored: 2, dropped: {} });
  });

  it("counts duplicates and rejected events by their receipt", async () => {
    await using it = await start([
      ({ batch }) => ({
        status: 200,
        body: {
          v: 1,
          batch: batch.id,
          stored: 1,
          duplicates: 1,
          rejected: [{ index: 1, reason: "too_long", message: "body is too long" }],
        },
      }),
    ]);
    it.logger.info("a");
    const bad = it.logger.info("b");
    it.logger.info("c");
    await it.logger.flush();
    expect(it.logger.counts).toMatchObject({ stored: 1, duplicates: 1, rejected: 1, queued: 0, inFlight: 0 });
    expect(it.settlements).toContainEqual({
      id: bad,
      state: "rejected",
      reason: "too_long",
      message: "body is too long",
    });
  });

  it("counts all events as rejected when the server rejects the request", async () => {
    await using it = await start([problem(400)]);
    it.logger.info("a");
    expect(await it.logger.flush()).toBe(true);
    expect(it.logger.counts.rejected).toBe(1);
  });

  it("is denied, keeps the events, and sends them when the key is accepted", async () => {
    await using it = await start([problem(401), problem(403)], { tuning: { deniedRetryMs: 40 } });
    const states: string[] = [];
    it.logger.onStatus(({ state }) => states.push(state));
    it.logger.info("kept");
    expect(await it.logger.flush()).toBe(true);
    expect(states).toEqual(["connecting", "denied", "online"]);
    expect(it.logger.counts.stored).toBe(1);
  });

  it("is challenged by a firewall's page, keeps the events, and sends them later", async () => {
    const challenge: Script = () => ({
      status: 403,
      headers: { "content-type": "text/html; charset=UTF-8", "cf-mitigated": "challenge" },
      body: "<!DOCTYPE html><title>Just a moment...</title>",
    });
    await using it = await start([challenge], { tuning: { deniedRetryMs: 40 } });
    const states: string[] = [];
    it.logger.onStatus(({ state }) => states.push(state));
    it.logger.info("kept");
    expect(await it.logger.flush()).toBe(true);
    expect(states).toEqual(["connecting", "challenged", "online"]);
    expect(it.logger.counts.stored).toBe(1);
  });

  it("splits a batch that is too large, and drops a single event that is too large", async () => {
    const tooLarge: Script = (request) =>
      request.batch.events.some(({ body }) => body === "huge") ? problem(413)(request) : acceptAll(request);
    await using it = await start([tooLarge, tooLarge, tooLarge, tooLarge, tooLarge, tooLarge, tooLarge]);
    for (const body of ["a", "b", "huge", "c", "d"]) it.logger.info(body);
    expect(await it.logger.flush()).toBe(true);
    // With the report of drops.
    await expect.poll(() => it.logger.counts).toMatchObject({ stored: 5, dropped: { too_large: 1 } });
  });

  it("limits batches by count and bytes", async () => {
    await using it = await start([]);
    for (let i = 0; i < 600; i += 1) it.logger.debug(`${i} ${"é".repeat(500)}`);
    for (let i = 0; i < 2_000; i += 1) it.logger.debug("short");
    expect(await it.logger.flush()).toBe(true);
    expect(Math.max(...it.requests.map(({ bytes }) => bytes))).toBeLessThanOrEqual(DEFAULT_TUNING.maxBatchBytes);
    const lengths = it.requests.map(({ batch }) => batch.events.length);
    expect(Math.max(...lengths)).toBe(DEFAULT_TUNING.maxBatchEvents);
    expect(it.logger.counts.stored).toBe(2_600);
  });

  it("keeps events while the server is unavailable", async () => {
    const probe = await startScriptedServer();
    await probe.stop();
    const logger = createLogger({
      app: "shop",
      key: "k",
      endpoint: probe.endpoint,
      transport: "http",
      fetch,
      tuning: FAST,
    });
    logger.error("no server");
    expect(await logger.flush(100)).toBe(false);
    await expect.poll(() => logger.status.state).toBe("offline");
    expect(logger.counts.inFlight).toBe(1);
    await logger.close(10);
    expect(logger.counts).toMatchObject({ inFlight: 0, queued: 0, dropped: { closed: 1 } });
    expect(logger.status.state).toBe("closed");
  });

  it("falls back to HTTP when MQTT cannot be reached", async () => {
    await using it = await start([], {
      transport: "auto",
      connectMqtt: () => {
        throw new Error("WebSocket is blocked");
      },
    });
    it.logger.info("by HTTP");
    expect(await it.logger.flush()).toBe(true);
    expect(it.logger.status).toEqual({ state: "online", transport: "http" });
  });
});

describe("the API", () => {
  it("sends waiting events by the transport chosen by useTransport", async () => {
    await using it = await start([], {
      transport: "mqtt",
      connectMqtt: () => {
        throw new Error("WebSocket is blocked");
      },
    });
    it.logger.info("stuck");
    expect(await it.logger.flush(300)).toBe(false);
    await expect.poll(() => it.logger.status).toEqual({ state: "offline", transport: "mqtt" });
    it.logger.useTransport("http");
    expect(await it.logger.flush()).toBe(true);
    expect(it.logger.status).toEqual({ state: "online", transport: "http" });
  });

  it("adds attributes of children and context to later events", async () => {
    await using it = await start([]);
    it.logger.setContext({ "user.id": "u1", page: "cart" });
    const child = it.logger.child({ component: "checkout", page: "pay" });
    child.info("paid", { page: "done" });
    it.logger.setContext({ page: undefined });
    child.info("left");
    it.logger.info("idle");
    await it.logger.flush();
    expect(it.requests.flatMap(({ batch }) => attributesOf(batch))).toEqual([
      { "user.id": "u1", page: "done", component: "checkout" },
      { "user.id": "u1", page: "pay", component: "checkout" },
      { "user.id": "u1" },
    ]);
  });

  it("turns errors into exception attributes, with their causes", async () => {
    await using it = await start([]);
    const error = new TypeError("no card", { cause: new Error("socket closed") });
    it.logger.error("payment failed", { error, orderId: 7 });
    it.logger.error("payment failed", error);
    it.logger.fatal(error);
    await it.logger.flush();
    const events = it.requests.flatMap(({ batch }) => batch.events);
    for (const { attributes } of events) {
      expect(attributes).toMatchObject({ "exception.type": "TypeError", "exception.message": "no card" });
      expect(attributes?.["exception.stacktrace"]).toMatch(/no card[\s\S]*Caused by: Error: socket closed/);
      expect(attributes).not.toHaveProperty("error");
    }
    expect(events.map(({ body }) => body)).toEqual(["payment failed", "payment failed", "TypeError: no card"]);
  });

  it("never throws, for any arguments", async () => {
    await using it = await start([]);
    const circular: Record<string, unknown> = { name: "loop" };
    circular["self"] = circular;
    const hostile = {
      get broken(): never {
        throw new Error("boom");
      },
      size: 0,
    };
    const { info } = it.logger;
    info("circular", circular);
    info("getter", hostile);
    info("odd", { big: 10n, nan: Number.NaN, date: new Date(0), symbol: Symbol("s"), fn: () => 1, none: undefined });
    info(Object.create(null) as string);
    info("null", null as unknown as undefined);
    await it.logger.flush();
    expect(it.requests.flatMap(({ batch }) => attributesOf(batch))).toEqual([
      { name: "loop", self: "…[cut]" },
      { size: 0, "log.record.dropped_attributes_count": 1 },
      { big: "10", nan: "NaN", date: "1970-01-01T00:00:00.000Z", symbol: "Symbol(s)", fn: "[Function]" },
      {},
      {},
    ]);
    expect(it.logger.counts).toMatchObject({ stored: 5, dropped: {} });
  });

  it("copies attributes, so that later changes by the caller are not sent", async () => {
    await using it = await start([]);
    const cart = { items: 1 };
    it.logger.info("cart", { cart });
    cart.items = 2;
    await it.logger.flush();
    expect(it.requests.flatMap(({ batch }) => attributesOf(batch))).toEqual([{ cart: { items: 1 } }]);
  });
});
