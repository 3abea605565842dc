/**
 * Clients of every kind that send numbered events at a constant rate.
 */
import type { ChaosStack } from "./chaos-stack.ts";
import { startAllClients } from "./clients/all-clients.ts";
import type { ChaosClient } from "./clients/chaos-client.ts";

export interface Sender {
  readonly client: ChaosClient;
  /** Prefix of the keys of all events of this client. */
  readonly prefix: string;
  readonly sent: string[];
  /** Time of sending of each event, in milliseconds since the epoch. */
  readonly sentAtMs: number[];
}

/** Waiting time of the oldest event that is not stored, if the first `stored` events are. */
export const toOldestWaitMs = ({ sent, sentAtMs }: Sender, stored: number, nowMs: number): number =>
  stored >= sent.length ? 0 : nowMs - (sentAtMs[stored] ?? nowMs);

export interface Pace {
  readonly everyMs: number;
  readonly eventsPerBatch: number;
}

export interface Senders {
  readonly all: readonly Sender[];
  /** Stops sending new events. */
  pause(): void;
  /** Resolves when all events of all clients have settled, or after `deadlineMs`. */
  settle(deadlineMs: number): Promise<void>;
  stop(): Promise<void>;
}

export const startSenders = async (
  chaos: ChaosStack,
  run: string,
  { everyMs, eventsPerBatch }: Pace,
): Promise<Senders> => {
  const { file } = chaos.stack;
  const clients = await startAllClients({
    mqttUrl: `mqtt://127.0.0.1:${chaos.links.client_broker.port}`,
    httpUrl: file.worker.replace(/\/$/, ""),
    app: file.app.id,
    key: file.app.key,
    clock: chaos.clock,
  });
  const all = clients.map((client, c): Sender => ({
    client,
    prefix: `${run}/${c}/`,
    sent: [],
    sentAtMs: [],
  }));
  const timer = setInterval(() => {
    for (const { client, prefix, sent, sentAtMs } of all) {
      const keys = Array.from({ length: eventsPerBatch }, (_, i) => `${prefix}${sent.length + i}`);
      sent.push(...keys);
      sentAtMs.push(...keys.map(() => Date.now()));
      client.send(keys);
    }
  }, everyMs);
  return {
    all,
    pause: () => clearInterval(timer),
    async settle(deadlineMs) {
      let deadline: NodeJS.Timeout | undefined;
      const tooLate = new Promise<void>((resolve) => (deadline = setTimeout(resolve, deadlineMs)));
      await Promise.race([Promise.all(clients.map((client) => client.waitUntilSettled())), tooLate]);
      clearTimeout(deadline);
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(clients.map((client) => client.stop()));
    },
  };
};
