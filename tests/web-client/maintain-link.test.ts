/**
 * Which link is used when, with scripted dialling one level down.
 */
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Dialed, Link, TransportKind, TransportMode } from "../../web-client/logger/send/link.ts";
import { keepLink } from "../../web-client/logger/send/mqtt/maintain-link.ts";
import { createPatience } from "../../web-client/logger/send/mqtt/receipt-timeout.ts";
import { DEFAULT_TUNING } from "../../web-client/logger/tuning.ts";

const createLink = (kind: TransportKind): Link => {
  const closed = Promise.withResolvers<void>();
  return { kind, send: async () => ({ state: "retry" }), closed: closed.promise, close: closed.resolve };
};

/** Each dialling takes the next step of the script; after the last one it hangs until it is stopped. */
const keep = (mode: TransportMode, ...script: readonly ("open" | "failed" | "timed_out" | "denied")[]) => {
  const log: string[] = [];
  const links: Link[] = [];
  let step = 0;
  const keeper = keepLink({
    mode,
    http: createLink("http"),
    isHidden: () => false,
    tuning: { ...DEFAULT_TUNING, retryBaseMs: 1, maxRetryMs: 2, deniedRetryMs: 5, mqttRetryMs: 1, maxMqttRetryMs: 2 },
    onLink: (link) => log.push(`use ${link?.kind ?? "nothing"}`),
    onState: (state, transport) => log.push(`${state} ${transport}`),
    async dialMqtt(signal): Promise<Dialed> {
      const state = script[step];
      step += 1;
      if (state === undefined) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      if (state !== "open") return { state: state ?? "failed" };
      const link = createLink("mqtt");
      links.push(link);
      return { state, link };
    },
  });
  return { log, links, keeper, [Symbol.dispose]: () => keeper.stop() };
};

const SETTLE_MS = 60;

it("lets HTTP carry until MQTT is there", async () => {
  using it = keep("auto", "failed", "timed_out", "denied", "open");
  expect(it.log).toEqual(["connecting http", "use http"]);
  await delay(SETTLE_MS);
  expect(it.log.slice(2)).toEqual(["online mqtt", "use mqtt"]);
});

it("never turns to HTTP where MQTT is wanted", async () => {
  using it = keep("mqtt", "failed", "timed_out", "failed", "denied", "open");
  await delay(SETTLE_MS);
  expect(it.log.filter((line) => line.includes("http"))).toEqual([]);
  expect(it.log.slice(-3)).toEqual(["denied mqtt", "online mqtt", "use mqtt"]);
});

it.each([
  ["mqtt", ["connecting mqtt"], ["use nothing", "offline mqtt"]],
  ["auto", ["connecting http", "use http"], ["connecting http", "use http"]],
] as const)("replaces a link that died (%s)", async (mode, before, between) => {
  using it = keep(mode, "open", "open");
  await delay(SETTLE_MS);
  it.links[0]?.close();
  await delay(SETTLE_MS);
  const life = ["online mqtt", "use mqtt"];
  expect(it.log).toEqual([...before, ...life, ...between, ...life]);
});

it("waits longer for receipts each time in vain, batches that waited alike counting once", () => {
  const patience = createPatience(10, 60);
  patience.expired(10);
  patience.expired(10);
  expect(patience.ms).toBe(20);
  patience.expired(20);
  patience.expired(40);
  expect(patience.ms).toBe(60);
  patience.reset();
  expect(patience.ms).toBe(10);
});
