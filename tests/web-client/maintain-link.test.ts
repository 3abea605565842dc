/**
 * Tests which link is used at which time, with scripted connection attempts.
 */
import { expect, it, vi } from "vitest";
import type { Link, OpenResult, TransportKind } from "../../web-client/logger/send/link.ts";
import { maintainLink } from "../../web-client/logger/send/mqtt/maintain-link.ts";
import { createReceiptTimeout } from "../../web-client/logger/send/mqtt/receipt-timeout.ts";
import { DEFAULT_TUNING } from "../../web-client/logger/tuning.ts";

/** Upper bound for a busy machine: a wait ends as soon as its condition is met. */
const WAIT_MS = 20_000;

const createLink = (kind: TransportKind): Link => {
  const closed = Promise.withResolvers<void>();
  return { kind, send: async () => ({ state: "retry" }), closed: closed.promise, close: closed.resolve };
};

/** Each attempt takes the next step of the script; after the last step an attempt waits until it is aborted. */
const startLink = (mode: "auto" | "mqtt", ...script: readonly ("open" | "failed" | "timed_out" | "denied")[]) => {
  const log: string[] = [];
  const links: Link[] = [];
  let step = 0;
  const maintained = maintainLink({
    mode,
    http: createLink("http"),
    tuning: { ...DEFAULT_TUNING, retryBaseMs: 1, maxRetryMs: 2, deniedRetryMs: 5, mqttRetryMs: 1, maxMqttRetryMs: 2 },
    onLink: (link) => log.push(`use ${link?.kind ?? "nothing"}`),
    onState: (state, transport) => log.push(`${state} ${transport}`),
    async openLink(signal): Promise<OpenResult> {
      const state = script[step];
      step += 1;
      if (state === undefined) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      if (state !== "open") return { state: state ?? "failed" };
      const link = createLink("mqtt");
      links.push(link);
      return { state, link };
    },
  });
  return { log, links, [Symbol.dispose]: () => maintained.stop() };
};

it("in mode auto, HTTP is used until MQTT is connected", async () => {
  using it = startLink("auto", "failed", "timed_out", "denied", "open");
  expect(it.log).toEqual(["connecting http", "use http"]);
  await vi.waitFor(() => expect(it.log.slice(2)).toEqual(["online mqtt", "use mqtt"]), WAIT_MS);
});

it("in mode mqtt, HTTP is never used", async () => {
  using it = startLink("mqtt", "failed", "timed_out", "failed", "denied", "open");
  await vi.waitFor(() => expect(it.log.slice(-3)).toEqual(["denied mqtt", "online mqtt", "use mqtt"]), WAIT_MS);
  expect(it.log.filter((line) => line.includes("http"))).toEqual([]);
});

it.each([
  ["mqtt", ["connecting mqtt"], ["use nothing", "offline mqtt"]],
  ["auto", ["connecting http", "use http"], ["connecting http", "use http"]],
] as const)("in mode %s, a closed link is replaced", async (mode, before, between) => {
  using it = startLink(mode, "open", "open");
  await vi.waitFor(() => expect(it.links).toHaveLength(1), WAIT_MS);
  it.links[0]?.close();
  const online = ["online mqtt", "use mqtt"];
  await vi.waitFor(() => expect(it.log).toEqual([...before, ...online, ...between, ...online]), WAIT_MS);
});

it("the receipt timeout doubles after each expiry; equal waits count once", () => {
  const timeout = createReceiptTimeout(10, 60);
  timeout.expired(10);
  timeout.expired(10);
  expect(timeout.ms).toBe(20);
  timeout.expired(20);
  timeout.expired(40);
  expect(timeout.ms).toBe(60);
  timeout.reset();
  expect(timeout.ms).toBe(10);
});
