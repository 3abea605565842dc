/**
 * Builds the files that load no others. For script tags: `edgelog.iife.js`, which defines the global `edgelog`, and
 * `edgelog-mqtt.iife.js`, which adds MQTT. Their hashes for the attribute `integrity` are printed and written to `integrity.json`.
 * For service workers: `service-worker.js`.
 */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuildOptions, Plugin } from "esbuild";
import { mqttSlim } from "./mqtt-slim/esbuild-plugin.ts";

/** Source of the entry for service workers. */
export const SERVICE_WORKER_ENTRY = "logger/service-worker.ts";

/** The second file defines this global. Without it connecting over MQTT fails, and HTTP is used. */
const MQTT_GLOBAL = "edgelogMqtt";

const useMqttGlobal = (): Plugin => ({
  name: "mqtt-global",
  setup({ onResolve, onLoad }) {
    const namespace = "mqtt-global";
    onResolve({ filter: /\/mqtt-slim\/entry\.ts$/ }, ({ path }) => ({ path, namespace }));
    onLoad({ filter: /./, namespace }, () => ({
      contents: `export const connect = (...args) => globalThis.${MQTT_GLOBAL}.connect(...args);`,
    }));
  },
});

/** A service worker has no page that is hidden. */
const omitHideSender = (): Plugin => ({
  name: "omit hide-sender",
  setup({ onLoad }) {
    onLoad({ filter: /\/send\/hide-sender\.ts$/ }, () => ({
      contents: "export const createHideSender = () => () => {};",
    }));
  },
});

/** Makes each `import()` a static import. For `import()`, esbuild would wrap each module in a function. */
const importStatically = (): Plugin => ({
  name: "static imports",
  setup({ onLoad }) {
    onLoad({ filter: /\/logger\/.*\.ts$/ }, async ({ path }) => {
      const imports: string[] = [];
      const contents = (await readFile(path, "utf8")).replace(/\bimport\(("[^"]+")\)/g, (_all, from) => {
        const name = `imported${imports.length}`;
        imports.push(`import * as ${name} from ${from};`);
        return `Promise.resolve(${name})`;
      });
      return { contents: imports.join("") + contents, loader: "ts" };
    });
  },
});

/** Options of esbuild for `edgelog.iife.js`. `root` is the folder of this file. */
export const loggerScript = (root: string): BuildOptions => ({
  entryPoints: [join(root, "logger/script.ts")],
  format: "iife",
  globalName: "edgelog",
  plugins: [importStatically(), useMqttGlobal()],
});

/** Options of esbuild for `service-worker.js`. */
export const serviceWorkerScript = (root: string): BuildOptions => ({
  entryPoints: [join(root, SERVICE_WORKER_ENTRY)],
  plugins: [omitHideSender(), importStatically(), useMqttGlobal()],
});

/** Options of esbuild for `edgelog-mqtt.iife.js`. */
export const mqttScript = (root: string): BuildOptions => ({
  entryPoints: [join(root, "mqtt-slim/entry.ts")],
  format: "iife",
  globalName: MQTT_GLOBAL,
  plugins: [mqttSlim()],
});

/** Writes `integrity.json` to the folder, and prints its contents. */
export const writeIntegrity = async (folder: string, files: readonly string[]): Promise<void> => {
  const hashes: Record<string, string> = {};
  for (const file of files) {
    const content = await readFile(join(folder, file));
    hashes[file] = `sha384-${createHash("sha384").update(content).digest("base64")}`;
  }
  await writeFile(join(folder, "integrity.json"), `${JSON.stringify(hashes, null, 2)}\n`);
  for (const [file, hash] of Object.entries(hashes)) process.stdout.write(`${file} ${hash}\n`);
};
