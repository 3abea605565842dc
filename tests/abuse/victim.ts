/**
 * The victim: ten events a second over MQTT 5 with receipts, and ten over HTTP, each with an id. It resends an event until
 * its receipt arrives. It runs in its own thread.
 */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Target } from "../chaos/clients/chaos-client.ts";
import { countStored, readStored } from "../chaos/stored-events.ts";
import type { AbuseStack } from "./abuse-stack.ts";
import type { Delivered } from "./row.ts";

const POLL_MS = 100;

export const TRANSPORTS = ["mqtt", "http"] as const;

export type Transport = (typeof TRANSPORTS)[number];

/** `workerData` of the thread. */
export interface VictimOptions extends Pick<Target, "mqttUrl" | "httpUrl" | "app" | "key"> {
  /** Prefix of the keys of all events. */
  readonly run: string;
}

/** The thread responds to `pause` and `read` with the times of all events. */
export type VictimCommand = "pause" | "read" | "stop";

/** Unix times in milliseconds, by the key of the event. */
export interface Times {
  readonly handedOverMs: ReadonlyMap<string, number>;
  readonly receiptMs: ReadonlyMap<string, number>;
}

/** Monotonic Unix time in milliseconds, the same in all threads. */
export const epochMs = (): number => performance.timeOrigin + performance.now();

export interface Victim extends AsyncDisposable {
  /** Stops sending new events. */
  pause(): Promise<void>;
  /** Resolves when every event has its receipt, or after `deadlineMs`. */
  settle(deadlineMs: number): Promise<void>;
  /**
   * Reads the stored events. `outage` is a time in which no event can be stored: events of that time count as handed over
   * at its end.
   */
  readDelivered(outage: Outage | undefined): Promise<Readonly<Record<Transport, Delivered>>>;
}

/** Unix times in milliseconds. */
export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

const toLatency = (handedOverMs: number, receiptMs: number, outage: Outage | undefined): number => {
  const isInOutage = outage !== undefined && handedOverMs >= outage.fromMs && handedOverMs < outage.toMs;
  return Math.max(0, receiptMs - (isInOutage ? outage.toMs : handedOverMs));
};

export const startVictim = async (abuse: AbuseStack, run: string): Promise<Victim> => {
  const { stack, victim } = abuse;
  const options: VictimOptions = {
    mqttUrl: stack.file.mqtt,
    httpUrl: stack.file.worker.replace(/\/$/, ""),
    app: victim.id,
    key: victim.key,
    run,
  };
  const thread = new Worker(new URL("./victim-thread.ts", import.meta.url), { workerData: options });
  await once(thread, "message");

  const call = async (command: VictimCommand): Promise<Readonly<Record<Transport, Times>>> => {
    const response = once(thread, "message");
    thread.postMessage(command, []);
    const [times] = (await response) as [Readonly<Record<Transport, Times>>];
    return times;
  };

  const read = async (transport: Transport, times: Times, outage: Outage | undefined): Promise<Delivered> => {
    const { handedOverMs, receiptMs } = times;
    const prefix = `${run}/${transport}/`;
    const nowMs = epochMs();
    // Refreshes the indices. Throws while OpenSearch is unavailable.
    await countStored(abuse, prefix);
    return {
      sent: [...handedOverMs.keys()],
      settled: new Set(receiptMs.keys()),
      ...(await readStored(abuse, prefix)),
      latenciesMs: [...handedOverMs].map(([key, atMs]) => toLatency(atMs, receiptMs.get(key) ?? nowMs, outage)),
    };
  };
  return {
    async pause() {
      await call("pause");
    },
    async settle(deadlineMs) {
      const deadline = performance.now() + deadlineMs;
      while (performance.now() < deadline) {
        const times = Object.values(await call("read"));
        if (times.every(({ handedOverMs, receiptMs }) => receiptMs.size === handedOverMs.size)) return;
        await sleep(POLL_MS);
      }
    },
    async readDelivered(outage) {
      const times = await call("read");
      return { mqtt: await read("mqtt", times.mqtt, outage), http: await read("http", times.http, outage) };
    },
    async [Symbol.asyncDispose]() {
      const exit = once(thread, "exit");
      thread.postMessage("stop" satisfies VictimCommand, []);
      await exit;
    },
  };
};
