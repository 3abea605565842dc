/** The settings of wrangler.toml for Miniflare, with which the stack runs the Worker in workerd. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { MiniflareOptions } from "miniflare";
import { pathsOf } from "../lib/state-dir.ts";
import { readWranglerConfig, WRANGLER_TOML } from "../lib/wrangler-config.ts";

/** Id of the KV namespace of the local stack. The first deployment changes the one in wrangler.toml. */
export const LOCAL_KV_ID = "edgelog-apps";

type WorkerConfig = MiniflareOptions["workers"][number]["config"];
type Bindings = NonNullable<WorkerConfig["env"]>;

/** Options of all instances of Miniflare: entries are in the state directory, and nothing is loaded from the internet. */
export const toCommonOptions = (home: string) =>
  ({
    cf: false, // otherwise it downloads a sample of request.cf
    telemetry: { enabled: false },
    // The directory in which `wrangler dev --persist-to` and `wrangler kv --persist-to` keep entries.
    resourcePersistencePath: join(pathsOf(home).worker, "v3"),
  }) as const;

export interface LocalWorkerOptions {
  readonly home: string;
  readonly port: number;
  /** The built pages. The Worker has no pages if the directory does not exist. */
  readonly pagesDir: string;
  /** Variables and secrets of the Worker. */
  readonly variables: Readonly<Record<string, string>>;
  /** Port of workerd's inspector. Default: there is none. */
  readonly inspectorPort?: number | undefined;
}

/** Throws a `StackError` if wrangler.toml cannot be read. */
export const toMiniflareOptions = (options: LocalWorkerOptions): MiniflareOptions => {
  const { home, port, pagesDir, variables, inspectorPort } = options;
  const { workerBundle } = pathsOf(home);
  const config = readWranglerConfig(WRANGLER_TOML);
  const runWorkerFirst = config.assets?.run_worker_first;
  const env: Bindings = {};
  for (const [name, value] of Object.entries({ ...config.vars, ...variables })) {
    env[name] = typeof value === "string" ? { type: "text", value } : { type: "json", value };
  }
  for (const { binding } of config.kv_namespaces) env[binding] = { type: "kv", id: LOCAL_KV_ID };
  for (const { name, namespace_id: namespace, simple } of config.ratelimits) {
    if (simple !== undefined) env[name] = { type: "rate-limit", namespace, simple };
  }
  return {
    ...toCommonOptions(home),
    host: "127.0.0.1",
    port,
    ...(inspectorPort === undefined ? {} : { inspectorPort }),
    logRequests: false,
    // The path of local-crons.ts.
    unsafeTriggerHandlers: true,
    workers: [
      {
        config: {
          name: config.name,
          compatibilityDate: config.compatibility_date,
          compatibilityFlags: config.compatibility_flags,
          env,
          manifest: {
            mainModule: "index.js",
            modules: { "index.js": { type: "esm", contents: readFileSync(workerBundle, "utf8") } },
          },
          ...(existsSync(pagesDir) ? { assets: { directory: pagesDir, hasUserWorker: true, runWorkerFirst } } : {}),
        },
      },
    ],
  };
};
