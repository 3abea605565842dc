/**
 * Access to the KV namespace APPS outside of the Worker: in the local stack, in the file of a server without Cloudflare, or on
 * Cloudflare through wrangler.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod";
import { StackError } from "../lib/stack-error.ts";
import { openKvFile } from "../../worker/node/kv-file.ts";
import { LOCAL_KV_ID, toCommonOptions } from "../services/miniflare-options.ts";
import { readRuntime } from "../services/runtime.ts";
import { pathsOf, ROOT_DIR } from "../lib/state-dir.ts";
import { readWranglerConfig, toNamespaceTitle, WRANGLER, WRANGLER_TOML } from "../lib/wrangler-config.ts";

export interface PutOptions {
  readonly expireAfterMs?: number;
}

/** A KV namespace with JSON values. */
export interface Kv extends AsyncDisposable {
  /** All entries whose names start with `prefix`. */
  list(prefix: string): Promise<ReadonlyMap<string, unknown>>;
  /** The value, or `undefined` if there is no such entry. */
  get(name: string): Promise<unknown>;
  /** Without `expireAfterMs`, the entries do not expire. KV's minimum is 60 seconds. */
  put(entries: Readonly<Record<string, unknown>>, options?: PutOptions): Promise<void>;
  remove(name: string): Promise<void>;
}

/** The part of the Workers KV API that is used here. */
interface Namespace {
  get(name: string, type: "json"): Promise<unknown>;
  put(name: string, value: string, options?: { expirationTtl: number }): Promise<void>;
  delete(name: string): Promise<void>;
  list(options: { prefix: string; cursor?: string }): Promise<{
    keys: readonly { name: string }[];
    list_complete: boolean;
    cursor?: string;
  }>;
}

const toSeconds = (ms: number): number => Math.ceil(ms / 1_000);

const BINDING = "APPS";

/** The value of an entry that is not JSON. It has the shape of no entry, so that the callers report it as malformed. */
const NOT_JSON = "not JSON";

const parseEntry = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
};

const getEntry = async (namespace: Namespace, name: string): Promise<unknown> => {
  try {
    return await namespace.get(name, "json");
  } catch (error) {
    if (error instanceof Error && error.name === "SyntaxError") return NOT_JSON;
    throw error;
  }
};

const toKv = (namespace: Namespace, dispose: () => Promise<void>): Kv => ({
  async list(prefix) {
    const names: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await namespace.list({ prefix, ...(cursor === undefined ? {} : { cursor }) });
      names.push(...page.keys.map(({ name }) => name));
      if (page.list_complete) break;
      cursor = page.cursor;
    }
    return new Map(await Promise.all(names.map(async (name) => [name, await getEntry(namespace, name)] as const)));
  },
  get: async (name) => (await getEntry(namespace, name)) ?? undefined,
  async put(entries, { expireAfterMs } = {}) {
    const options = expireAfterMs === undefined ? undefined : { expirationTtl: toSeconds(expireAfterMs) };
    for (const [name, value] of Object.entries(entries)) await namespace.put(name, JSON.stringify(value), options);
  },
  remove: (name) => namespace.delete(name),
  [Symbol.asyncDispose]: dispose,
});

/** Opens the file of a server without Cloudflare. A running server sees the changes. */
export const openFileKv = (path: string): Kv => {
  const file = openKvFile(path);
  return toKv(file, async () => file[Symbol.dispose]());
};

/** Miniflare serves bindings to a Worker only. */
const EMPTY_WORKER = {
  name: "edgelog-kv",
  compatibilityDate: "2026-01-01",
  manifest: {
    mainModule: "empty.mjs",
    modulesRoot: ROOT_DIR,
    modules: { "empty.mjs": { type: "esm", contents: "export default {};" } },
  },
} as const;

/** Opens the namespace of the local stack. A running Worker sees the changes. */
export const openLocalKv = async (home: string): Promise<Kv> => {
  if (readRuntime() === "node") {
    const { kvFile } = pathsOf(home);
    await mkdir(dirname(kvFile), { recursive: true });
    return openFileKv(kvFile);
  }
  // Not with getPlatformProxy of wrangler: loading wrangler takes five times the CPU time of all the rest.
  const { Miniflare } = await import("miniflare");
  const miniflare = new Miniflare({
    ...toCommonOptions(home),
    workers: [{ config: { ...EMPTY_WORKER, env: { [BINDING]: { type: "kv", id: LOCAL_KV_ID } } } }],
  });
  const bindings = await miniflare.getBindings<{ readonly [BINDING]: Namespace }>();
  return toKv(bindings[BINDING], () => miniflare.dispose());
};

const listSchema = z.array(z.object({ name: z.string() }));
const bulkSchema = z.record(z.string(), z.object({ value: z.string().nullable() }).nullable());

/** Limit of names in one bulk get of wrangler. */
const MAX_BULK_GET = 100;

/** Parses JSON output of wrangler, which may print other lines first. */
const parseOutput = <T>(output: string, schema: z.ZodType<T>): T => {
  const start = output.search(/^[[{]/m);
  try {
    return schema.parse(JSON.parse(output.slice(start)));
  } catch {
    throw new StackError(`Unexpected output of wrangler:\n${output.slice(0, 500)}`);
  }
};

const namespacesSchema = z.array(z.object({ id: z.string(), title: z.string() }));

/** The id in wrangler.toml, or else that of the namespace which the first deployment created. */
const findNamespace = async (config: string, list: () => Promise<string>): Promise<string> => {
  const settings = readWranglerConfig(config);
  const id = settings.kv_namespaces.find(({ binding }) => binding === BINDING)?.id;
  if (id !== undefined) return id;
  const title = toNamespaceTitle(settings, BINDING);
  const found = parseOutput(await list(), namespacesSchema).find((namespace) => namespace.title === title);
  if (found !== undefined) return found.id;
  throw new StackError(`There is no KV namespace ${title}. \`npm run deploy\` creates it.`);
};

/**
 * Opens a namespace through `wrangler kv`, which handles the login. `target` is `--remote` for Cloudflare. Values are passed
 * in files, because a process list shows arguments.
 *
 * @param config Path of wrangler's configuration. Default: wrangler.toml.
 */
export const openWranglerKv = async (target: readonly string[], config = WRANGLER_TOML): Promise<Kv> => {
  // Its modules take a quarter of the time in which a command on another KV runs.
  const { execa } = await import("execa");
  const dir = await mkdtemp(join(tmpdir(), "edgelog-kv-"));
  const run = async (...args: readonly string[]): Promise<string> => {
    const { failed, stdout, stderr } = await execa(process.execPath, [WRANGLER, "kv", ...args, "--config", config], {
      reject: false,
      env: { WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", NO_COLOR: "1" },
    });
    if (failed) throw new StackError(`wrangler failed; is it logged in?\n${stderr || stdout}`);
    return stdout;
  };
  const namespace = await findNamespace(config, () => run("namespace", "list"));
  const wrangler = (...args: readonly string[]): Promise<string> =>
    run(...args, "--namespace-id", namespace, ...target);
  const writeInput = async (name: string, value: unknown): Promise<string> => {
    const path = join(dir, name);
    await writeFile(path, JSON.stringify(value), { mode: 0o600 });
    return path;
  };
  const getAll = async (names: readonly string[]): Promise<ReadonlyMap<string, unknown>> => {
    const found = new Map<string, unknown>();
    for (let start = 0; start < names.length; start += MAX_BULK_GET) {
      const path = await writeInput("names.json", names.slice(start, start + MAX_BULK_GET));
      const answer = parseOutput(await wrangler("bulk", "get", path), bulkSchema);
      for (const [name, entry] of Object.entries(answer)) {
        if (typeof entry?.value === "string") found.set(name, parseEntry(entry.value));
      }
    }
    return found;
  };
  return {
    async list(prefix) {
      const keys = parseOutput(await wrangler("key", "list", "--prefix", prefix), listSchema);
      return await getAll(keys.map(({ name }) => name));
    },
    get: async (name) => (await getAll([name])).get(name),
    async put(entries, { expireAfterMs } = {}) {
      const expiration = expireAfterMs === undefined ? {} : { expiration_ttl: toSeconds(expireAfterMs) };
      const bulk = Object.entries(entries).map(([key, value]) => ({
        key,
        value: JSON.stringify(value),
        ...expiration,
      }));
      await wrangler("bulk", "put", await writeInput("entries.json", bulk));
    },
    async remove(name) {
      await wrangler("bulk", "delete", await writeInput("names.json", [name]), "--force");
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
};
