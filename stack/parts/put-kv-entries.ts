/**
 * Program: puts the entries of a JSON object on standard input into the local KV namespace APPS that
 * `wrangler dev --persist-to DIR` uses. Argument: DIR.
 */
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { getPlatformProxy } from "wrangler";
import { ROOT_DIR } from "../state-dir.ts";

/** The part of KV's interface that is used here. */
interface Namespace {
  put(key: string, value: string): Promise<void>;
}

const [dir] = process.argv.slice(2);
if (dir === undefined) throw new Error("usage: put-kv-entries.ts DIR < entries.json");
const entries = (await json(process.stdin)) as Record<string, object>;
const proxy = await getPlatformProxy<{ APPS: Namespace }>({
  configPath: join(ROOT_DIR, "wrangler.toml"),
  // `wrangler dev` adds this folder to --persist-to by itself; getPlatformProxy takes the path as it is.
  persist: { path: join(dir, "v3") },
});
for (const [key, value] of Object.entries(entries)) await proxy.env.APPS.put(key, JSON.stringify(value));
await proxy.dispose();
