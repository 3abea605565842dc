/**
 * Clients of every kind, each handing over numbered events at an even pace.
 */
import type { ChaosStack } from "./chaos-stack.ts";
import { startAllClients } from "./clients/all-clients.ts";
import type { ChaosClient } from "./clients/chaos-client.ts";

export interface Sender {
  readonly client: ChaosClient;
  /** All keys of this client begin so. */
  readonly prefix: string;
  readonly handedOver: string[];
  /** When each of them was handed over; milliseconds since the epoch. */
  readonly handedOverAtMs: number[];
}

/** How long the oldest event that is not stored yet has waited, where `stored` are and they come in their order. */
export const waitOf = ({ handedOver, handedOverAtMs }: Sender, stored: number, nowMs: number): number =>
  stored >= handedOver.length ? 0 : nowMs - (handedOverAtMs[stored] ?? nowMs);

export interface Pace {
  readonly everyMs: number;
  readonly eventsABatch: number;
}

export interface Senders {
  readonly all: readonly Sender[];
  /** Hands nothing over any more. */
  pause(): void;
  /** Resolves when every client is through, or after `deadlineMs`. */
  settle(deadlineMs: number): Promise<void>;
  stop(): Promise<void>;
}

export const startSenders = async (
  line: ChaosStack,
  run: string,
  { everyMs, eventsABatch }: Pace,
): Promise<Senders> => {
  const { file } = line.stack;
  const clients = await startAllClients({
    mqttUrl: `mqtt://127.0.0.1:${line.links.client_broker.port}`,
    httpUrl: file.worker.replace(/\/$/, ""),
    app: file.app.id,
    key: file.app.key,
    clock: line.clock,
  });
  const all = clients.map((client, c): Sender => ({
    client,
    prefix: `${run}/${c}/`,
    handedOver: [],
    handedOverAtMs: [],
  }));
  const timer = setInterval(() => {
    for (const { client, prefix, handedOver, handedOverAtMs } of all) {
      const keys = Array.from({ length: eventsABatch }, (_, i) => `${prefix}${handedOver.length + i}`);
      handedOver.push(...keys);
      handedOverAtMs.push(...keys.map(() => Date.now()));
      client.send(keys);
    }
  }, everyMs);
  return {
    all,
    pause: () => clearInterval(timer),
    async settle(deadlineMs) {
      let deadline: NodeJS.Timeout | undefined;
      const tooLate = new Promise<void>((resolve) => (deadline = setTimeout(resolve, deadlineMs)));
      await Promise.race([Promise.all(clients.map((client) => client.settled())), tooLate]);
      clearTimeout(deadline);
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(clients.map((client) => client.stop()));
    },
  };
};
