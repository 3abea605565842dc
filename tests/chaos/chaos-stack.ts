/**
 * A complete stack with a faulty link between each pair of services and a faulty proxy in front of OpenSearch.
 */
import { rm } from "node:fs/promises";
import { makeHome } from "../support/make-home.ts";
import { reservePorts } from "../../stack/lib/ports.ts";
import { startStack, type Stack } from "../../stack/stack.ts";
import { startFaultyLink, type FaultyLink } from "../support/faulty-link.ts";
import { startFaultyOpenSearch, type FaultyOpenSearch } from "./faulty-opensearch.ts";

export interface ChaosStack extends AsyncDisposable {
  /** Set to true to keep the state directory and its logs after the run. */
  keepHome: boolean;
  readonly home: string;
  readonly stack: Stack;
  readonly opensearch: FaultyOpenSearch;
  /** Offset of the client clocks. */
  readonly clock: { shiftMs: number };
  /** Between clients and broker, relay and broker, relay and Worker. */
  readonly links: Readonly<Record<"client_broker" | "relay_broker" | "relay_worker", FaultyLink>>;
}

export const startChaosStack = async (): Promise<ChaosStack> => {
  const home = await makeHome("edgelog-chaos");
  const opensearch = await startFaultyOpenSearch();
  const links = {
    client_broker: await startFaultyLink(),
    relay_broker: await startFaultyLink(),
    relay_worker: await startFaultyLink(),
  };
  const ports = await reservePorts();
  opensearch.target = `http://127.0.0.1:${ports.opensearch}`;
  links.client_broker.targetPort = ports.mqtt;
  links.relay_broker.targetPort = ports.mqtt;
  links.relay_worker.targetPort = ports.worker;
  const stack = await startStack({
    home,
    ports,
    workerOpensearchUrl: opensearch.url,
    env: {
      relay: {
        RELAY_BROKER_URL: `mqtt://127.0.0.1:${links.relay_broker.port}`,
        RELAY_WORKER_URL: `http://127.0.0.1:${links.relay_worker.port}`,
      },
    },
  });
  const chaos: ChaosStack = {
    keepHome: false,
    home,
    stack,
    opensearch,
    clock: { shiftMs: 0 },
    links,
    async [Symbol.asyncDispose]() {
      await stack.stop();
      for (const service of [opensearch, ...Object.values(links)]) await service[Symbol.asyncDispose]();
      if (!chaos.keepHome) await rm(home, { recursive: true, force: true });
    },
  };
  return chaos;
};
