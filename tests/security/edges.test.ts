/** Request checks of the Worker: origins, rate limits, the upgrade to MQTT, the relay token, and response headers. */
import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeRelayFrame } from "#contract/relay/relay-frame.ts";
import { readRuntime } from "../../stack/services/runtime.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";
import { createApp, withApps } from "../support/security/apps.ts";
import { upgrade } from "../support/security/access-attempts.ts";

const newToken = (): string => `elt_${randomBytes(32).toString("base64url")}`;
const [token, previousToken] = [newToken(), newToken()];

let stack: TestStack;
const keys: Record<string, string> = {};

beforeAll(async () => {
  stack = await startTestStack({
    env: { worker: { RELAY_TOKEN: token, RELAY_TOKEN_PREVIOUS: previousToken }, relay: { RELAY_TOKEN: token } },
  });
  await withApps(stack.home, async (registry) => {
    await registry.commit("demo", { ...registry.find("demo"), origins: [] });
    keys["native"] = await createApp(registry, "native");
    keys["shop"] = await createApp(registry, "shop", {
      origins: ["https://shop.example", "https://*.preview.example", "capacitor://localhost"],
    });
    keys["open"] = await createApp(registry, "open", { origins: ["*"] });
    keys["small"] = await createApp(registry, "small", { rate: "low" });
  });
});
afterAll(() => stack?.[Symbol.asyncDispose]());

const send = (path: string, init: RequestInit = {}): Promise<Response> => fetch(new URL(path, stack.file.worker), init);

const log = (app: string, headers: Record<string, string> = {}): Promise<Response> =>
  send("/logs", {
    method: "POST",
    body: '{"body":"x"}',
    headers: { Authorization: `Bearer ${app}:${keys[app]}`, ...headers },
  });

describe("allowed origins", () => {
  it.each([
    { app: "native", origin: undefined, status: 200, allowed: null },
    { app: "native", origin: "https://shop.example", status: 403, allowed: null },
    { app: "shop", origin: undefined, status: 200, allowed: null },
    { app: "shop", origin: "https://shop.example", status: 200, allowed: "https://shop.example" },
    { app: "shop", origin: "https://shop.example:8443", status: 403, allowed: null },
    { app: "shop", origin: "http://shop.example", status: 403, allowed: null },
    { app: "shop", origin: "https://shop.example.evil.example", status: 403, allowed: null },
    { app: "shop", origin: "https://pr-7.preview.example", status: 200, allowed: "https://pr-7.preview.example" },
    { app: "shop", origin: "https://preview.example", status: 403, allowed: null },
    { app: "shop", origin: "https://evilpreview.example", status: 403, allowed: null },
    { app: "shop", origin: "capacitor://localhost", status: 200, allowed: "capacitor://localhost" },
    { app: "shop", origin: "null", status: 403, allowed: null },
    { app: "open", origin: "https://anywhere.example", status: 200, allowed: "https://anywhere.example" },
    { app: "open", origin: "null", status: 200, allowed: "null" },
  ])("$app from $origin: $status", async ({ app, origin, status, allowed }) => {
    const response = await log(app, origin === undefined ? {} : { Origin: origin });
    expect(response.status).toBe(status);
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe(allowed);
    expect(response.headers.get("Vary")).toBe("Origin");
  });

  it("include the origin of the Worker", async () => {
    const { origin } = new URL(stack.file.worker);
    expect((await log("native", { Origin: origin })).status).toBe(200);
  });

  it("are not required to read the response to a wrong key", async () => {
    const response = await log("shop", { Origin: "https://evil.example", Authorization: "Bearer shop:elk_wrong" });
    expect([response.status, response.headers.get("Access-Control-Allow-Origin")]).toEqual([
      401,
      "https://evil.example",
    ]);
  });
});

describe("rate limits", () => {
  const currentPeriod = (): number => Math.floor(Date.now() / 10_000);

  /** Limits apply to windows of ten seconds, so more than twice the limit always exceeds one window. */
  const sendUntilRefused = async (limit: number, once: () => Promise<Response>): Promise<Response | undefined> => {
    for (let sent = 0; sent <= 2 * limit; sent += 20) {
      const responses = await Promise.all(Array.from({ length: 20 }, once));
      const refused = responses.find(({ status }) => status === 429);
      if (refused !== undefined) return refused;
    }
    return undefined;
  };

  it("apply to one app: 429 with Retry-After, while other apps are not affected", async () => {
    const refused = await sendUntilRefused(100, () => log("small"));
    expect(refused?.headers.get("Retry-After")).toBe("10");
    expect(refused?.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await refused?.json()).toMatchObject({ status: 429, reason: "rate_limited" });
    expect((await log("native")).status).toBe(200);
  });

  // In Node.js the address is that of the connection, unless a trusted proxy forwards another one: worker/tests/node.
  it.runIf(readRuntime() === "workerd")(
    "apply to an address or an IPv6 /64 network before the key is verified",
    async () => {
      const from = (address: string): Promise<Response> =>
        send("/logs", { method: "POST", headers: { "CF-Connecting-IP": address } });
      let refused: Response | undefined;
      let status: number;
      let period: number;
      do {
        period = currentPeriod();
        refused = await sendUntilRefused(300, () => from("2001:db8:0:7::1"));
        ({ status } = await from("2001:db8::7:1:2:3:4"));
      } while (period !== currentPeriod());
      expect(status).toBe(429);
      expect(refused?.headers.get("Retry-After")).toBe("10");
      expect(refused?.headers.get("Access-Control-Allow-Origin")).toBe("*");
      expect((await from("2001:db8:0:8::1")).status).toBe(401);
      expect((await from("192.0.2.1")).status).toBe(401);
    },
  );
});

describe("/mqtt", () => {
  const closeCode = (): Promise<readonly [number, string]> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`${stack.file.worker.replace("http", "ws")}/mqtt`, "mqtt");
      socket.addEventListener("close", ({ code, reason }) => resolve([code, reason]));
      socket.addEventListener("error", () => reject(new Error("no upgrade")));
    });

  it("accepts only origins that an app allows", async () => {
    const { worker, ca } = stack.file;
    await withApps(dirname(dirname(dirname(ca))), async (registry) => await registry.commit("open", undefined));
    expect(await upgrade(worker, { Origin: "https://shop.example" })).toBe(101);
    expect(await upgrade(worker, { Origin: "https://pr-7.preview.example" })).toBe(101);
    expect(await upgrade(worker, { Origin: new URL(worker).origin })).toBe(101);
    expect(await upgrade(worker, { Origin: "https://evil.example" })).toBe(403);
    expect(await upgrade(worker, { Origin: "null" })).toBe(403);
    expect(await upgrade(worker)).toBe(101);
  });

  it("rejects requests that are not MQTT over WebSocket", async () => {
    const { worker } = stack.file;
    expect(await upgrade(worker, { "Sec-WebSocket-Protocol": "graphql-ws" })).toBe(426);
    expect((await send("/mqtt")).status).toBe(426);
  });

  it("closes with code 1013 while the broker is unavailable", async () => {
    const { broker } = stack.services;
    await broker.stop();
    expect(await closeCode()).toEqual([1013, "broker_unavailable"]);
    await broker.start();
  });
});

describe("response headers", () => {
  it.each([
    ["/logs", "POST", 401],
    ["/v1/logs", "POST", 401],
    ["/_bulk", "POST", 401],
    ["/elasticsearch", "GET", 401],
    ["/relay", "POST", 401],
    ["/search", "GET", 401],
    ["/mqtt", "GET", 426],
    ["/healthz", "GET", 200],
    ["/unknown-path", "POST", 404],
  ])("of %s forbid scripts, framing and content sniffing", async (path, method, status) => {
    const response = await send(path, { method });
    expect(response.status).toBe(status);
    const { headers } = response;
    expect(headers.get("Content-Security-Policy")).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Strict-Transport-Security")).toMatch(/^max-age=\d{8}/);
    expect(headers.get("Referrer-Policy")).toBe("no-referrer");
  });

  it.each(["/", "/demo/", "/console/"])("of the page %s forbid inline code", async (path) => {
    const { headers } = await send(path);
    const policy = headers.get("Content-Security-Policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
  });
});

describe("the relay's token", () => {
  it.each([
    ["the current token", token, 200],
    ["the previous token", previousToken, 200],
    ["an unknown token", newToken(), 401],
    ["no token", "", 401],
  ])("returns for %s: %i", async (_, shown, status) => {
    const headers = { Authorization: `Bearer ${shown}` };
    expect((await send("/relay", { method: "POST", body: encodeRelayFrame({ messages: [] }), headers })).status).toBe(
      status,
    );
  });
});
