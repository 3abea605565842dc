/**
 * The real stack with a faulty link between each pair of services and a faulty store before OpenSearch.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reservePorts } from "../../stack/lib/ports.ts";
import { startStack, type Stack } from "../../stack/stack.ts";
import { startFaultyLink, type FaultyLink } from "./faulty-link.ts";
import { startFaultyStore, type FaultyStore } from "./faulty-opensearch.ts";

export interface ChaosStack extends AsyncDisposable {
  /** Leaves the state directory, with the logs of all services, where it is. */
  keepHome: boolean;
  readonly home: string;
  readonly stack: Stack;
  readonly store: FaultyStore;
  /** What the clients' clocks are off. */
  readonly clock: { shiftMs: number };
  /** Between clients and broker, relay and broker, relay and Worker. */
  readonly links: Readonly<Record<"client_broker" | "relay_broker" | "relay_worker", FaultyLink>>;
}

export const startChaosStack = async (): Promise<ChaosStack> => {
  const home = await mkdtemp(join(process.env["EDGELOG_TEST_HOME"] ?? tmpdir(), "edgelog-chaos-"));
  const store = await startFaultyStore();
  const links = {
    client_broker: await startFaultyLink(),
    relay_broker: await startFaultyLink(),
    relay_worker: await startFaultyLink(),
  };
  const ports = await reservePorts();
  store.target = `http://127.0.0.1:${ports.opensearch}`;
  links.client_broker.targetPort = ports.mqtt;
  links.relay_broker.targetPort = ports.mqtt;
  links.relay_worker.targetPort = ports.worker;
  const stack = await startStack({
    home,
    ports,
    workerOpensearchUrl: store.url,
    env: {
      relay: {
        RELAY_BROKER_URL: `mqtt://127.0.0.1:${links.relay_broker.port}`,
        RELAY_WORKER_URL: `http://127.0.0.1:${links.relay_worker.port}`,
      },
    },
  });
  const line: ChaosStack = {
    keepHome: false,
    home,
    stack,
    store,
    clock: { shiftMs: 0 },
    links,
    async [Symbol.asyncDispose]() {
      await stack.stop();
      for (const service of [store, ...Object.values(links)]) await service[Symbol.asyncDispose]();
      if (!line.keepHome) await rm(home, { recursive: true, force: true });
    },
  };
  return line;
};
