/** Builds mqtt-packet and mqtt.js's store with the shims, using esbuild, and loads them into Node. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import type Store from "mqtt/lib/store";
import type * as MqttPacket from "mqtt-packet";
import { mqttSlim } from "../../../web-client/mqtt-slim/esbuild-plugin.ts";
import type { Buffer } from "../../../web-client/mqtt-slim/shims/buffer.ts";

export interface Built {
  readonly packet: typeof MqttPacket;
  readonly Buffer: typeof Buffer;
  readonly Store: typeof Store;
}

const SOURCE = `
  export { default as packet } from "mqtt-packet";
  export { Buffer } from "../../../web-client/mqtt-slim/shims/buffer.ts";
  import store from "mqtt/lib/store";
  export const Store = store.default ?? store;`;

export const buildPackets = async (): Promise<Built> => {
  const { outputFiles } = await build({
    stdin: { contents: SOURCE, resolveDir: dirname(fileURLToPath(import.meta.url)) },
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    plugins: [mqttSlim()],
  });
  const dir = await mkdtemp(join(tmpdir(), "edgelog-packets-"));
  try {
    const file = join(dir, "packets.mjs");
    await writeFile(file, outputFiles[0]?.contents ?? "");
    return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Built;
  } finally {
    await rm(dir, { recursive: true });
  }
};
