import { setTimeout as sleep } from "node:timers/promises";
import type { Service } from "../../stack/supervise/service.ts";

const POLL_MS = 50;

/** Kills a service with SIGKILL. Its supervisor starts it again; resolves when it is ready. */
export const killService = async (service: Service): Promise<void> => {
  const { pid } = service;
  service.kill("SIGKILL");
  while (service.pid === pid) await sleep(POLL_MS);
  await service.ready();
};
