/**
 * Builds `node-package/lib/`, the package `edgelog-node`: the browser logger's modules, of which those that use the browser are
 * replaced by the modules in this folder.
 */
import { copyFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { buildTypes } from "../build-types.ts";
import packageJson from "../node-package/package.json" with { type: "json" };

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const LIB = join(FOLDER, "../node-package/lib");

/** Modules of the logger, and the modules that replace them. */
const REPLACED: Readonly<Record<string, string>> = {
  "platform.ts": "platform.ts",
  "platform-workers.ts": "platform-workers.ts",
  "event/copy-event.ts": "copy-event.ts",
  "event/session.ts": "session.ts",
  "outbox/recovery.ts": "recovery.ts",
  "outbox/spill.ts": "spill.ts",
  "outbox/store.ts": "store.ts",
  "send/warn-misconfigured.ts": "warn-misconfigured.ts",
};

const LOGGER = join(FOLDER, "../logger");

const replaceModules: Plugin = {
  name: "replace modules",
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\// }, ({ path, importer, resolveDir }) => {
      const file = join(resolveDir, path);
      const replacement = file.startsWith(LOGGER) ? REPLACED[file.slice(LOGGER.length + 1)] : undefined;
      // A replacement can import the module that it replaces.
      if (replacement === undefined || importer === join(FOLDER, replacement)) return undefined;
      return { path: join(FOLDER, replacement) };
    });
    onResolve({ filter: /mqtt-slim\/entry\.ts$/ }, () => ({ path: "./mqtt.js", external: true }));
  },
};

await rm(LIB, { recursive: true, force: true });
await build({
  entryPoints: ["index.ts", "pino.ts", "winston.ts", "mqtt.ts"].map((file) => join(FOLDER, file)),
  outdir: LIB,
  bundle: true,
  splitting: true,
  chunkNames: "[name]-[hash]",
  format: "esm",
  target: "node20",
  platform: "node",
  define: { "Promise.withResolvers": "withResolvers" },
  inject: [join(FOLDER, "with-resolvers.ts")],
  external: Object.keys(packageJson.peerDependencies),
  legalComments: "none",
  logLevel: "warning",
  plugins: [replaceModules],
});

await copyFile(join(FOLDER, "../../LICENSE"), join(LIB, "../LICENSE"));

await buildTypes(join(FOLDER, "tsconfig.lib.json"), join(LIB, "types"));

// Tests build the package again only if a source is newer than this file.
await writeFile(join(LIB, "../.built"), "");
