/** The list of faults. A fault lasts for the given time and restores normal operation before it resolves. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DAY_MS } from "#contract/wire/durations.ts";
import { startRelay } from "../../stack/services/relay.ts";
import { pathsOf } from "../../stack/lib/state-dir.ts";
import type { ChaosStack } from "./chaos-stack.ts";
import type { LinkMode } from "../support/faulty-link.ts";
import type { OpenSearchMode } from "./faulty-opensearch.ts";
import { mountFullDisk, findMountObstacle } from "./full-disk.ts";
import type { FaultEffects } from "./row.ts";

type ServiceName = "relay" | "broker" | "worker" | "opensearch";

export interface Fault extends FaultEffects {
  readonly name: string;
  /** Affected services and links; faults in one mix have no common ones. */
  readonly affects: readonly string[];
  /** Whether the fault is part of `--short` and of `npm test`. */
  readonly isShort?: boolean;
  /** Returns why the fault is not possible on this machine, or `undefined`. */
  findObstacle?(): Promise<string | undefined>;
  run(chaos: ChaosStack, durationMs: number): Promise<void>;
}

const EFFECTS: Readonly<Record<ServiceName, Partial<Fault>>> = {
  relay: { breaksRelay: true },
  broker: { breaksBroker: true, breaksClientLink: true, breaksRelay: true },
  worker: { breaksRelay: false },
  opensearch: { breaksRelay: false },
};

const kill = (name: ServiceName, signal: "SIGKILL" | "SIGTERM", isShort = false): Fault => ({
  name: `${name} ${signal === "SIGKILL" ? "kill -9" : "SIGTERM"}`,
  affects: [name],
  ...EFFECTS[name],
  ...(name === "broker" && signal === "SIGTERM" ? { breaksBroker: false } : {}),
  ...(name === "relay" && signal === "SIGTERM" ? { breaksRelay: false } : {}),
  isShort,
  async run({ stack }) {
    const service = stack.services[name];
    service.kill(signal);
    await service.ready();
  },
});

/** SIGSTOP keeps connections open, so other services do not notice the fault. */
const suspend = (name: ServiceName, isShort = false): Fault => ({
  name: `${name} SIGSTOP`,
  affects: [name],
  ...EFFECTS[name],
  breaksBroker: false,
  isShort,
  async run({ stack }, durationMs) {
    const service = stack.services[name];
    service.kill("SIGSTOP");
    await sleep(durationMs);
    service.kill("SIGCONT");
  },
});

const opensearchFault = (name: string, mode: OpenSearchMode, isShort = false): Fault => ({
  name: `opensearch ${name}`,
  affects: ["opensearch proxy"],
  isShort,
  async run({ opensearch }, durationMs) {
    opensearch.mode = mode;
    await sleep(durationMs);
    opensearch.mode = { kind: "healthy" };
  },
});

/** Modes that close connections. */
const BREAKING: ReadonlySet<LinkMode["kind"]> = new Set(["cut", "drop_responses", "drop_requests"]);

const linkFault = (link: keyof ChaosStack["links"], mode: LinkMode, isShort = false): Fault => ({
  name: `${link} ${mode.kind}`,
  affects: [link],
  breaksClientLink: link === "client_broker" && BREAKING.has(mode.kind),
  breaksRelay: link === "relay_broker" && BREAKING.has(mode.kind),
  isShort,
  async run({ links }, durationMs) {
    links[link].setMode(mode);
    await sleep(durationMs);
    links[link].setMode({ kind: "healthy" });
  },
});

const setReadOnly = async ({ stack }: ChaosStack, isReadOnly: boolean): Promise<void> => {
  const response = await fetch(new URL("/logs-*/_settings", stack.file.opensearch), {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ "index.blocks.read_only_allow_delete": isReadOnly ? true : null }),
  });
  if (!response.ok) throw new Error(`OpenSearch responded with ${response.status} to the change of the index block`);
};

const floodStage: Fault = {
  name: "opensearch disk at flood stage",
  affects: ["opensearch"],
  isShort: true,
  async run(chaos, durationMs) {
    await setReadOnly(chaos, true);
    await sleep(durationMs);
    await setReadOnly(chaos, false);
  },
};

/** Acknowledged messages are only in the memory of the broker and are lost; only clients with receipts resend them. */
const brokerLosesQueue: Fault = {
  name: "broker kill -9, relay stopped",
  affects: ["broker", "relay"],
  ...EFFECTS.broker,
  isShort: true,
  async run({ stack }, durationMs) {
    const { relay, broker } = stack.services;
    await relay.stop();
    await sleep(durationMs / 2);
    broker.kill("SIGKILL");
    await broker.ready();
    await relay.start();
  },
};

/** The broker cannot save on the full disk and restarts without its sessions. */
const brokerDiskFull: Fault = {
  name: "broker disk full",
  affects: ["broker"],
  ...EFFECTS.broker,
  findObstacle: findMountObstacle,
  async run({ home, stack }, durationMs) {
    const { broker } = stack.services;
    await using _disk = await mountFullDisk(join(pathsOf(home).mosquitto, "data"));
    broker.save();
    await sleep(durationMs / 2);
    broker.kill("SIGTERM");
    await broker.ready();
    await sleep(durationMs / 2);
  },
};

/** Client clocks that are wrong by days and change during the fault. */
const clockJumps: Fault = {
  name: "clocks jump",
  affects: ["clock"],
  isShort: true,
  async run({ clock }, durationMs) {
    for (const days of [3, -400, 0.1]) {
      clock.shiftMs = days * DAY_MS;
      await sleep(durationMs / 3);
    }
    clock.shiftMs = 0;
  },
};

/** A second relay with the same client id: the two repeatedly take over each other's session. */
const twoRelays: Fault = {
  name: "relay started twice",
  affects: ["relay"],
  breaksRelay: true,
  isShort: true,
  async run({ home, stack, links }, durationMs) {
    const secondRelay = await startRelay({
      home,
      brokerUrl: `mqtt://127.0.0.1:${links.relay_broker.port}`,
      workerUrl: stack.file.worker,
    });
    await sleep(durationMs);
    await secondRelay.stop();
  },
};

export const FAULTS: readonly Fault[] = [
  { name: "nothing", affects: [], isShort: true, run: (_, durationMs) => sleep(durationMs) },
  kill("relay", "SIGKILL", true),
  kill("relay", "SIGTERM", true),
  kill("broker", "SIGKILL", true),
  brokerLosesQueue,
  kill("broker", "SIGTERM"),
  brokerDiskFull,
  kill("worker", "SIGKILL", true),
  kill("worker", "SIGTERM"),
  kill("opensearch", "SIGKILL", true),
  kill("opensearch", "SIGTERM"),
  suspend("relay"),
  suspend("broker"),
  suspend("worker"),
  suspend("opensearch", true),
  opensearchFault("429 for 30 % of items", { kind: "some_429", share: 0.3 }, true),
  opensearchFault("429", { kind: "status", status: 429 }),
  opensearchFault("500", { kind: "status", status: 500 }),
  opensearchFault("502", { kind: "status", status: 502 }),
  opensearchFault("503", { kind: "status", status: 503 }, true),
  opensearchFault("200 with garbage", { kind: "garbage" }, true),
  opensearchFault("truncated responses", { kind: "cut" }, true),
  opensearchFault("no response", { kind: "silent" }),
  opensearchFault("slow", { kind: "slow", delayMs: 800 }),
  floodStage,
  linkFault("client_broker", { kind: "cut" }, true),
  linkFault("client_broker", { kind: "slow", delayMs: 200 }),
  linkFault("client_broker", { kind: "lossy", share: 0.01 }),
  linkFault("client_broker", { kind: "drop_responses" }),
  linkFault("relay_broker", { kind: "cut" }, true),
  linkFault("relay_broker", { kind: "slow", delayMs: 200 }),
  linkFault("relay_broker", { kind: "lossy", share: 0.01 }),
  linkFault("relay_broker", { kind: "drop_responses" }),
  linkFault("relay_worker", { kind: "cut" }, true),
  linkFault("relay_worker", { kind: "slow", delayMs: 200 }),
  linkFault("relay_worker", { kind: "lossy", share: 0.01 }),
  linkFault("relay_worker", { kind: "drop_responses" }),
  clockJumps,
  twoRelays,
];
