/**
 * The configuration of `wrangler dev` on this machine, made from wrangler.toml:
 * - no `[build]`: the stack builds the pages itself, and tests of the Worker run without pages;
 * - no `[secrets]`: with it, wrangler would ignore all other variables of the env file;
 * - a fixed id of the KV namespace: the first deployment changes the one in wrangler.toml, and with it the location of the local entries.
 */
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathsOf, ROOT_DIR } from "../lib/state-dir.ts";
import { readWranglerConfig } from "../lib/wrangler-config.ts";

/** The built pages. */
export const PAGES_DIR = join(ROOT_DIR, "web-client", "dist");
/** Id of the KV namespace of the local stack. */
export const LOCAL_KV_ID = "edgelog-apps";

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Writes the file into the state directory and returns its path. */
export const writeDevConfig = async (home: string): Promise<string> => {
  const { build: _build, secrets: _secrets, ...config } = readWranglerConfig(join(ROOT_DIR, "wrangler.toml"));
  const { worker } = pathsOf(home);
  // Wrangler requires the directory of the pages, even when they are not built.
  const emptyDir = join(worker, "no-pages");
  await mkdir(emptyDir, { recursive: true, mode: 0o700 });
  const path = join(worker, "wrangler.json");
  const local = {
    ...config,
    main: join(ROOT_DIR, config.main ?? ""),
    assets: { ...config.assets, directory: (await exists(PAGES_DIR)) ? PAGES_DIR : emptyDir },
    kv_namespaces: config.kv_namespaces?.map((namespace) => ({ ...namespace, id: LOCAL_KV_ID })),
  };
  const text = JSON.stringify(local);
  // A running `wrangler dev` watches the file and would restart the Worker, which ends live tails.
  if ((await readFile(path, "utf8").catch(() => "")) !== text) await writeFile(path, text, { mode: 0o600 });
  return path;
};
