/**
 * Builds `package/lib/`, the published package: JavaScript with esbuild, compressed further by terser, and declarations
 * with tsc. The entry points are the exports of package.json.
 *
 * Core, delivery module and mqtt.js are built separately: a module that two of them shared would become a separate file,
 * which is one more request before the first log. Core and delivery module share only objects, whose internal properties
 * are marked in the source with a leading `_`. Their names are shortened, equally in all files.
 */
import { execFileSync } from "node:child_process";
import { globSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { minify } from "terser";
import { mqttSlim } from "./mqtt-slim/esbuild-plugin.ts";
import packageJson from "./package/package.json" with { type: "json" };
import { workerUrl } from "./worker-url-plugin.ts";

const ROOT = fileURLToPath(new URL(".", import.meta.url));
const LIB = join(ROOT, "package/lib");

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
const entryPoints = Object.values(packageJson.exports).map(({ types, default: file }) => ({
  in: join(ROOT, types.replace("./lib/types/web-client/", "").replace(/\.d\.ts$/, ".ts")),
  out: file.replace("./lib/", "").replace(/\.js$/, ""),
}));
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
  external: ["web-vitals"],
  plugins: [separateDelivery],
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

for (const path of globSync("**/*.js", { cwd: LIB, exclude: ["mqtt.js", "*-worker.js"] })) {
  const file = join(LIB, path);
  const { code } = await minify(await readFile(file, "utf8"), {
    module: true,
    ecma: 2020,
    compress: { passes: 3 },
  });
  if (code !== undefined) await writeFile(file, code);
}

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
execFileSync(process.execPath, [tsc, "-p", join(ROOT, "tsconfig.lib.json")], { stdio: "inherit" });
