/** Builds the content of `stack.json` from the running services. */
import { toListenerUrls } from "../services/listeners.ts";
import { toPrintableUrl } from "../services/external-opensearch.ts";
import { DEMO_APP, type Secrets } from "./secrets.ts";
import type { StackFile } from "./stack-file.ts";
import type { RunningServices } from "../stack-tasks.ts";

export const toStackFile = (
  { worker, broker, opensearch, relay }: RunningServices,
  secrets: Secrets,
): Omit<StackFile, "processes" | "started"> => ({
  worker: worker.url,
  console: `${worker.url}/console/`,
  demo: `${worker.url}/demo/`,
  ...toListenerUrls(broker.ports),
  opensearch: toPrintableUrl(opensearch.url),
  relayHealth: `${relay.url}/healthz`,
  ca: broker.ca,
  app: { id: DEMO_APP, key: secrets.appKey },
  readerToken: secrets.readerToken,
});
