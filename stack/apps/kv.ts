/**
 * The KV namespace APPS from outside of the Worker: that of the local stack, or Cloudflare's by way of wrangler.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import * as z from "zod";
import { StackError } from "../lib/stack-error.ts";
import { quietWranglerEnv } from "../services/wrangler-env.ts";
import { pathsOf, ROOT_DIR } from "../lib/state-dir.ts";

/** The namespace, as narrow as it is used. Values are JSON. */
export interface Kv extends AsyncDisposable {
  /** All entries whose names begin with `prefix`. */
  list(prefix: string): Promise<ReadonlyMap<string, unknown>>;
  /** `undefined`: there is no such entry. */
  get(name: string): Promise<unknown>;
  put(entries: Readonly<Record<string, unknown>>): Promise<void>;
  remove(name: string): Promise<void>;
}

/** KV's interface in a Worker, as far as it is used. */
interface Namespace {
  get(name: string, type: "json"): Promise<unknown>;
  put(name: string, value: string): Promise<void>;
  delete(name: string): Promise<void>;
  list(options: { prefix: string; cursor?: string }): Promise<{
    keys: readonly { name: string }[];
    list_complete: boolean;
    cursor?: string;
  }>;
}

const CONFIG = join(ROOT_DIR, "wrangler.toml");

/** The namespace that `wrangler dev` keeps in the state directory; a Worker that runs beside it sees the changes. */
export const openLocalKv = async (home: string): Promise<Kv> => {
  Object.assign(process.env, quietWranglerEnv(home));
  const { getPlatformProxy } = await import("wrangler");
  const proxy = await getPlatformProxy<{ APPS: Namespace }>({
    configPath: CONFIG,
    // `wrangler dev` adds this folder to --persist-to by itself; getPlatformProxy takes the path as it is.
    persist: { path: join(pathsOf(home).worker, "v3") },
  });
  const { APPS } = proxy.env;
  return {
    async list(prefix) {
      const names: string[] = [];
      for (let cursor: string | undefined; ;) {
        const page = await APPS.list({ prefix, ...(cursor === undefined ? {} : { cursor }) });
        names.push(...page.keys.map(({ name }) => name));
        if (page.list_complete) break;
        cursor = page.cursor;
      }
      return new Map(await Promise.all(names.map(async (name) => [name, await APPS.get(name, "json")] as const)));
    },
    get: async (name) => (await APPS.get(name, "json")) ?? undefined,
    async put(entries) {
      for (const [name, value] of Object.entries(entries)) await APPS.put(name, JSON.stringify(value));
    },
    remove: (name) => APPS.delete(name),
    [Symbol.asyncDispose]: () => proxy.dispose(),
  };
};

const listSchema = z.array(z.object({ name: z.string() }));
const bulkSchema = z.record(z.string(), z.object({ value: z.string().nullable() }).nullable());

/** The most names that one bulk request of wrangler asks for. */
const MAX_BULK_GET = 100;

/** What wrangler prints around its JSON: nothing, or lines before it. */
const parseOutput = <T>(output: string, schema: z.ZodType<T>): T => {
  const start = output.search(/^[[{]/m);
  try {
    return schema.parse(JSON.parse(output.slice(start)));
  } catch {
    throw new StackError(`wrangler answered what could not be read:\n${output.slice(0, 500)}`);
  }
};

/**
 * By `wrangler kv`, which knows how to log in. `place` chooses the namespace: `--remote` for Cloudflare's. Values go by
 * files, so that no process list shows them.
 */
export const openWranglerKv = async (place: readonly string[]): Promise<Kv> => {
  const dir = await mkdtemp(join(tmpdir(), "edgelog-kv-"));
  const wrangler = async (...args: readonly string[]): Promise<string> => {
    const bin = join(ROOT_DIR, "node_modules", "wrangler", "bin", "wrangler.js");
    const { failed, stdout, stderr } = await execa(
      process.execPath,
      [bin, "kv", ...args, "--binding", "APPS", "--config", CONFIG, ...place],
      { reject: false, env: { WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", NO_COLOR: "1" } },
    );
    if (failed) throw new StackError(`wrangler failed; is it logged in?\n${stderr || stdout}`);
    return stdout;
  };
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
        if (typeof entry?.value === "string") found.set(name, JSON.parse(entry.value));
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
    async put(entries) {
      const bulk = Object.entries(entries).map(([key, value]) => ({ key, value: JSON.stringify(value) }));
      await wrangler("bulk", "put", await writeInput("entries.json", bulk));
    },
    async remove(name) {
      await wrangler("bulk", "delete", await writeInput("names.json", [name]), "--force");
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
};
