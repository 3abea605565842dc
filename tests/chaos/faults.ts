/**
 * What is broken, one entry a fault. A fault holds for as long as it is told, and leaves everything mended.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startRelay } from "../../stack/services/relay.ts";
import { pathsOf } from "../../stack/lib/state-dir.ts";
import type { ChaosStack } from "./chaos-stack.ts";
import type { LinkMood } from "./faulty-link.ts";
import type { StoreMood } from "./faulty-opensearch.ts";
import { fillDisk, whyNoFullDisk } from "./full-disk.ts";
import type { Damage } from "./row.ts";

type ServiceName = "relay" | "broker" | "worker" | "opensearch";

export interface Fault extends Damage {
  readonly name: string;
  /** What it lays hands on; two faults of a mix must not share any. */
  readonly touches: readonly string[];
  /** Service of the short version. */
  readonly isShort?: boolean;
  /** Why it can't be done on this machine; `undefined` when it can. */
  whyNot?(): Promise<string | undefined>;
  run(line: ChaosStack, holdMs: number): Promise<void>;
}

const NOTES: Readonly<Record<ServiceName, Partial<Fault>>> = {
  relay: { breaksRelay: true },
  broker: { breaksBroker: true, breaksClientLink: true, breaksRelay: true },
  worker: { breaksRelay: false },
  opensearch: { breaksRelay: false },
};

const kill = (name: ServiceName, signal: "SIGKILL" | "SIGTERM", isShort = false): Fault => ({
  name: `${name} ${signal === "SIGKILL" ? "kill -9" : "SIGTERM"}`,
  touches: [name],
  ...NOTES[name],
  ...(name === "broker" && signal === "SIGTERM" ? { breaksBroker: false } : {}),
  ...(name === "relay" && signal === "SIGTERM" ? { breaksRelay: false } : {}),
  isShort,
  async run({ stack }) {
    const service = stack.services[name];
    service.kill(signal);
    await service.ready();
  },
});

/** Stopped dead, connections open: worse than killed, because nobody is told. */
const freeze = (name: ServiceName, isShort = false): Fault => ({
  name: `${name} SIGSTOP`,
  touches: [name],
  ...NOTES[name],
  breaksBroker: false,
  isShort,
  async run({ stack }, holdMs) {
    const service = stack.services[name];
    service.kill("SIGSTOP");
    await sleep(holdMs);
    service.kill("SIGCONT");
  },
});

const storeMood = (name: string, mood: StoreMood, isShort = false): Fault => ({
  name: `opensearch ${name}`,
  touches: ["store"],
  isShort,
  async run({ store }, holdMs) {
    store.mood = mood;
    await sleep(holdMs);
    store.mood = { kind: "healthy" };
  },
});

/** Moods in which connections end. */
const BREAKING: ReadonlySet<LinkMood["kind"]> = new Set(["cut", "one_way", "deaf"]);

const linkMood = (link: keyof ChaosStack["links"], mood: LinkMood, isShort = false): Fault => ({
  name: `${link} ${mood.kind}`,
  touches: [link],
  breaksClientLink: link === "client_broker" && BREAKING.has(mood.kind),
  breaksRelay: link === "relay_broker" && BREAKING.has(mood.kind),
  isShort,
  async run({ links }, holdMs) {
    links[link].setMood(mood);
    await sleep(holdMs);
    links[link].setMood({ kind: "healthy" });
  },
});

const setReadOnly = async ({ stack }: ChaosStack, isReadOnly: boolean): Promise<void> => {
  const response = await fetch(new URL("/logs-*/_settings", stack.file.opensearch), {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ "index.blocks.read_only_allow_delete": isReadOnly ? true : null }),
  });
  if (!response.ok) throw new Error(`OpenSearch did not change the block: ${response.status}`);
};

const floodStage: Fault = {
  name: "opensearch disk at flood stage",
  touches: ["opensearch"],
  isShort: true,
  async run(line, holdMs) {
    await setReadOnly(line, true);
    await sleep(holdMs);
    await setReadOnly(line, false);
  },
};

/** What the broker acknowledged is in its memory alone, and goes with it: only receipts make up for that. */
const brokerForgets: Fault = {
  name: "broker kill -9, relay away",
  touches: ["broker", "relay"],
  ...NOTES.broker,
  isShort: true,
  async run({ stack }, holdMs) {
    const { relay, broker } = stack.services;
    await relay.stop();
    await sleep(holdMs / 2);
    broker.kill("SIGKILL");
    await broker.ready();
    await relay.start();
  },
};

/** Nothing can be saved, and then the broker is told to stop: it comes back without its sessions. */
const brokerDiskFull: Fault = {
  name: "broker disk full",
  touches: ["broker"],
  ...NOTES.broker,
  whyNot: whyNoFullDisk,
  async run({ home, stack }, holdMs) {
    const { broker } = stack.services;
    await using _disk = await fillDisk(join(pathsOf(home).mosquitto, "data"));
    broker.save();
    await sleep(holdMs / 2);
    broker.kill("SIGTERM");
    await broker.ready();
    await sleep(holdMs / 2);
  },
};

/** Phones whose clock is wrong by days, and one that is set right in between. */
const clockJumps: Fault = {
  name: "clocks jump",
  touches: ["clock"],
  isShort: true,
  async run({ clock }, holdMs) {
    for (const days of [3, -400, 0.1]) {
      clock.shiftMs = days * 86_400_000;
      await sleep(holdMs / 3);
    }
    clock.shiftMs = 0;
  },
};

/** A second relay with the same client id takes the session over, and the first takes it back, and so on. */
const twoRelays: Fault = {
  name: "relay started twice",
  touches: ["relay"],
  breaksRelay: true,
  isShort: true,
  async run({ home, stack, links }, holdMs) {
    const twin = await startRelay({
      home,
      brokerUrl: `mqtt://127.0.0.1:${links.relay_broker.port}`,
      workerUrl: stack.file.worker,
    });
    await sleep(holdMs);
    await twin.stop();
  },
};

export const FAULTS: readonly Fault[] = [
  { name: "nothing", touches: [], isShort: true, run: (_, holdMs) => sleep(holdMs) },
  kill("relay", "SIGKILL", true),
  kill("relay", "SIGTERM", true),
  kill("broker", "SIGKILL", true),
  brokerForgets,
  kill("broker", "SIGTERM"),
  brokerDiskFull,
  kill("worker", "SIGKILL", true),
  kill("worker", "SIGTERM"),
  kill("opensearch", "SIGKILL", true),
  kill("opensearch", "SIGTERM"),
  freeze("relay"),
  freeze("broker"),
  freeze("worker"),
  freeze("opensearch", true),
  storeMood("429 for 30 % of items", { kind: "some_429", share: 0.3 }, true),
  storeMood("429", { kind: "status", status: 429 }),
  storeMood("500", { kind: "status", status: 500 }),
  storeMood("502", { kind: "status", status: 502 }),
  storeMood("503", { kind: "status", status: 503 }, true),
  storeMood("200 with garbage", { kind: "garbage" }, true),
  storeMood("answers cut short", { kind: "cut" }, true),
  storeMood("no answer", { kind: "silent" }),
  storeMood("slow", { kind: "slow", delayMs: 800 }),
  floodStage,
  linkMood("client_broker", { kind: "cut" }, true),
  linkMood("client_broker", { kind: "slow", delayMs: 200 }),
  linkMood("client_broker", { kind: "lossy", share: 0.01 }),
  linkMood("client_broker", { kind: "one_way" }),
  linkMood("relay_broker", { kind: "cut" }, true),
  linkMood("relay_broker", { kind: "slow", delayMs: 200 }),
  linkMood("relay_broker", { kind: "lossy", share: 0.01 }),
  linkMood("relay_broker", { kind: "one_way" }),
  linkMood("relay_worker", { kind: "cut" }, true),
  linkMood("relay_worker", { kind: "slow", delayMs: 200 }),
  linkMood("relay_worker", { kind: "lossy", share: 0.01 }),
  linkMood("relay_worker", { kind: "one_way" }),
  clockJumps,
  twoRelays,
];
