/** Starts one client of every kind. */
import type { ChaosClient, Target } from "./chaos-client.ts";
import { startHttpClient } from "./http-client.ts";
import { startLegacyClient, startQos1Client, startReceiptClient } from "./mqtt-clients.ts";
import { startWebAutoClient, startWebHttpClient, startWebMqttClient } from "./web-clients.ts";

const STARTERS = [
  startWebMqttClient,
  startWebHttpClient,
  startWebAutoClient,
  startReceiptClient,
  startHttpClient,
  startQos1Client,
  startLegacyClient,
] as const;

export const startAllClients = (target: Target): Promise<readonly ChaosClient[]> =>
  Promise.all(STARTERS.map((start) => start(target)));
