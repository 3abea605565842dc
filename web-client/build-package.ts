/**
 * Builds `package/lib/`, the published package: JavaScript with esbuild, compressed further by terser, and declarations
 * with tsc. The entry points are the exports of package.json.
 *
 * Core, delivery module and mqtt.js are built separately: a module that two of them shared would become a separate file,
 * which is one more request before the first log. Core and delivery module share only objects, whose internal properties
 * are marked in the source with a leading `_`. Their names are shortened, equally in all files.
 */
import { globSync } from "node:fs";
import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { minify } from "terser";
import {
  loggerScript,
  mqttScript,
  SERVICE_WORKER_ENTRY,
  serviceWorkerScript,
  writeIntegrity,
} from "./build-scripts.ts";
import { buildTypes } from "./build-types.ts";
import { mqttSlim } from "./mqtt-slim/esbuild-plugin.ts";
import packageJson from "./package/package.json" with { type: "json" };
import { workerUrl } from "./worker-url-plugin.ts";

const ROOT = fileURLToPath(new URL(".", import.meta.url));
const LIB = join(ROOT, "package/lib");

/** The files for script tags. */
const LOGGER_SCRIPT = "edgelog.iife.js";
const MQTT_SCRIPT = "edgelog-mqtt.iife.js";
const SERVICE_WORKER_SCRIPT = "service-worker.js";
/** The files with components of React. */
const CLIENT_FILES = ["react.js", "next/client.js"];

const INTERNAL_PROPERTY = /^_[a-z]/i;

/** The short names so far, so that all files get the same. */
let mangleCache: Record<string, string | false> = {};

const common: BuildOptions = {
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  platform: "browser",
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "none",
  logLevel: "warning",
};

const buildLogger = async (options: BuildOptions): Promise<void> => {
  const built = await build({ ...common, mangleProps: INTERNAL_PROPERTY, mangleCache, ...options });
  mangleCache = { ...mangleCache, ...built.mangleCache };
};

/** Leaves dynamic imports that match to a file of the output. */
const separate = (filter: RegExp, path: string): Plugin => ({
  name: `separate ${path}`,
  setup({ onResolve }) {
    onResolve({ filter }, ({ kind }) => (kind === "dynamic-import" ? { path, external: true } : undefined));
  },
});

/** The types of an export are named after its source file. */
const allEntryPoints = Object.values(packageJson.exports).map(({ types, default: file }) => ({
  in: join(ROOT, types.replace("./lib/types/web-client/", "").replace(/\.d\.ts$/, ".ts")),
  out: file.replace("./lib/", "").replace(/\.js$/, ""),
}));
const isFramework = ({ in: file }: { readonly in: string }): boolean => file.startsWith(join(ROOT, "frameworks"));
const entryPoints = allEntryPoints.filter((entry) => !isFramework(entry) && !entry.in.endsWith(SERVICE_WORKER_ENTRY));
const external = Object.keys(packageJson.peerDependencies);

/** The entries for frameworks import the logger from the package, so that they do not split its main entry into chunks. */
const importPackage: Plugin = {
  name: "import the package",
  setup({ onResolve }) {
    onResolve({ filter: /\/logger\/index\.ts$/ }, () => ({ path: "edgelog-web", external: true }));
    onResolve({ filter: /^\.\/react\.ts$/ }, () => ({ path: "edgelog-web/react", external: true }));
  },
};
const separateDelivery = separate(/\/delivery\.ts$/, "./delivery.js");

await rm(LIB, { recursive: true, force: true });
await build({
  ...common,
  entryPoints: [join(ROOT, "mqtt-slim/entry.ts")],
  outfile: join(LIB, "mqtt.js"),
  plugins: [mqttSlim()],
});
// The core, as in an app that imports only the main entry. Its size is checked.
await buildLogger({
  entryPoints: [join(ROOT, "logger/index.ts")],
  outfile: join(LIB, "size/core.js"),
  plugins: [separateDelivery],
});
await buildLogger({
  entryPoints,
  outdir: LIB,
  splitting: true,
  chunkNames: "[name]-[hash]",
  external,
  plugins: [separateDelivery],
});
await build({
  ...common,
  entryPoints: allEntryPoints.filter(isFramework),
  outdir: LIB,
  external,
  plugins: [importPackage],
});
await buildLogger({
  entryPoints: [{ in: join(ROOT, "logger/send/delivery.ts"), out: "delivery" }],
  outdir: LIB,
  splitting: true,
  chunkNames: "[name]-[hash]",
  plugins: [separate(/mqtt-slim\/entry\.ts$/, "./mqtt.js"), workerUrl()],
});
// The Workers' scripts are one file each, mqtt.js included, so that bundlers can move them.
await build({
  ...common,
  entryPoints: [join(ROOT, "logger/send/mqtt/shared-link-worker.ts"), join(ROOT, "logger/send/http/post-worker.ts")],
  outdir: LIB,
  entryNames: "[name]",
  plugins: [mqttSlim()],
});
// Browsers start Workers only from the page's own origin, and service workers start none: these files post the batches themselves.
const define = { ...common.define, "import.meta.url": "undefined" };
await buildLogger({ ...loggerScript(ROOT), outfile: join(LIB, LOGGER_SCRIPT), define });
await buildLogger({ ...serviceWorkerScript(ROOT), outfile: join(LIB, SERVICE_WORKER_SCRIPT), define });
await build({ ...common, ...mqttScript(ROOT), outfile: join(LIB, MQTT_SCRIPT) });

for (const path of globSync("**/*.js", {
  cwd: LIB,
  exclude: ["mqtt.js", "shared-link-worker.js", "post-worker.js", MQTT_SCRIPT],
})) {
  const file = join(LIB, path);
  const { code } = await minify(await readFile(file, "utf8"), {
    module: path !== LOGGER_SCRIPT,
    ecma: 2020,
    compress: { passes: 3 },
  });
  if (code !== undefined) await writeFile(file, code);
}
// The minifier removes directives. React's server components need this one.
for (const file of CLIENT_FILES) {
  await writeFile(join(LIB, file), `"use client";\n${await readFile(join(LIB, file), "utf8")}`);
}
await copyFile(join(ROOT, "../LICENSE"), join(ROOT, "package/LICENSE"));
await writeIntegrity(LIB, [LOGGER_SCRIPT, MQTT_SCRIPT]);

await buildTypes(join(ROOT, "tsconfig.lib.json"), join(LIB, "types"));

// Tests build the package again only if a source is newer than this file.
await writeFile(join(ROOT, "package/.built"), "");
