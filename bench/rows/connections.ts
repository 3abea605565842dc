/** The memory of the broker with 5,000 idle clients, and their reconnect after the broker was killed. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Stack } from "../../stack/stack.ts";
import { readMemoryKib } from "../../tests/support/process-memory.ts";
import type { Row } from "../row.ts";
import { readStored, waitUntilStored } from "../support/drain.ts";
import { toFigure, type Figure } from "../support/figure.ts";
import { startIdleClients } from "../support/idle-clients.ts";
import { countLogs, deleteLogs } from "../support/logs.ts";

const CLIENTS = 5_000;

/** Until the relay has connected again, and connections are idle. */
const SETTLE_MS = 3_000;

const BACK_MARK = { atMost: 60 };
const LOST_MARK = { atMost: 0 };

const KIB_PER_MB = 1e6 / 1_024;

const readBrokerMb = ({ services }: Stack): number => readMemoryKib(services.broker.pid, "VmRSS") / KIB_PER_MB;

const measureListener = async (
  stack: Stack,
  label: string,
  url: string,
  log: (line: string) => void,
): Promise<readonly Figure[]> => {
  const { app, ca } = stack.file;
  const { broker } = stack.services;
  // Without the memory of earlier clients, which the process keeps.
  await broker.stop();
  await broker.start();
  await sleep(SETTLE_MS);
  const emptyMb = readBrokerMb(stack);
  await using clients = startIdleClients({ url, app: app.id, key: app.key, caFile: ca, clients: CLIENTS });
  await clients.next("connected");
  await sleep(SETTLE_MS);
  const idleMb = readBrokerMb(stack);
  log(`connections: ${CLIENTS} clients over ${label}: ${Math.round(idleMb)} MB in the broker`);
  const [countBefore, storedBefore] = await Promise.all([countLogs(stack), readStored(stack)]);
  const back = clients.next("connected");
  broker.kill("SIGKILL");
  const killed = performance.now();
  await back;
  const seconds = (performance.now() - killed) / 1_000;
  log(`connections: all ${CLIENTS} clients over ${label} are back after ${seconds.toFixed(1)} s`);
  const published = clients.next("published");
  await clients.publish();
  await published;
  await waitUntilStored(stack, storedBefore, CLIENTS);
  const lost = CLIENTS - ((await countLogs(stack)) - countBefore);
  return [
    toFigure([idleMb - emptyMb], { name: `${label}: memory of the broker, idle`, unit: "MB" }),
    toFigure([(idleMb - emptyMb) * (1_000 / CLIENTS)], { name: `${label}: memory of a client`, unit: "KB" }),
    toFigure([seconds], { name: `${label}: all are back after the broker was killed`, unit: "s", mark: BACK_MARK }),
    toFigure([lost], { name: `${label}: lost events`, unit: "events", mark: LOST_MARK }),
  ];
};

export const connections: Row = {
  name: "connections",
  summary: "5,000 clients over TLS and WSS, idle and reconnecting",
  run: async ({ stack: openStack, log }) => {
    const stack = await openStack();
    const { mqtts, wss } = stack.file;
    const figures = [
      ...(await measureListener(stack, "TLS", mqtts, log)),
      ...(await measureListener(stack, "WSS", wss, log)),
    ];
    await deleteLogs(stack);
    return { figures };
  },
};
