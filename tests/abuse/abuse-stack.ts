/**
 * A complete stack with two apps: `demo`, whose publishable key the attacker has, and `victim`, which measures.
 */
import { rm } from "node:fs/promises";
import { makeHome } from "../support/make-home.ts";
import { reservePorts } from "../../stack/lib/ports.ts";
import { ensureSecrets, type Secrets } from "../../stack/lib/secrets.ts";
import { startStack, type Stack } from "../../stack/stack.ts";
import { createApp, withApps } from "../support/security/apps.ts";
import { startStoreProxy } from "./store-proxy.ts";

export interface App {
  readonly id: string;
  readonly key: string;
}

export interface AbuseStack extends AsyncDisposable {
  /** Set to true to keep the state directory and its logs after the run. */
  keepsHome: boolean;
  readonly home: string;
  readonly stack: Stack;
  readonly secrets: Secrets;
  readonly attacker: App;
  readonly victim: App;
  /** An app whose logs are in the indices of another retention class. */
  readonly other: App;
  /** Paths of all requests of the Worker to OpenSearch. */
  readonly storeRequests: readonly string[];
}

const VICTIM = "victim";
const OTHER = "other";
export const OTHER_RETENTION_DAYS = 90;

export const startAbuseStack = async (): Promise<AbuseStack> => {
  const home = await makeHome("edgelog-abuse");
  const ports = await reservePorts();
  const proxy = await startStoreProxy(`http://127.0.0.1:${ports.opensearch}`);
  const stack = await startStack({ home, ports, workerOpensearchUrl: proxy.url, inspectsWorker: true });
  const keys = await withApps(home, async (registry) => ({
    victim: await createApp(registry, VICTIM),
    other: await createApp(registry, OTHER, { retentionDays: OTHER_RETENTION_DAYS }),
  }));
  const abuse: AbuseStack = {
    keepsHome: false,
    home,
    stack,
    secrets: await ensureSecrets(home),
    attacker: stack.file.app,
    victim: { id: VICTIM, key: keys.victim },
    other: { id: OTHER, key: keys.other },
    storeRequests: proxy.paths,
    async [Symbol.asyncDispose]() {
      await stack.stop();
      await proxy[Symbol.asyncDispose]();
      if (!abuse.keepsHome) await rm(home, { recursive: true, force: true });
    },
  };
  return abuse;
};
