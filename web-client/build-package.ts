/**
 * Builds `package/lib/`, the package as it is published: code with esbuild, what a page loads at once made smaller still by
 * terser, declarations with tsc.
 *
 * Core, carrier and mqtt.js are built apart: a module that two of them share would become a file of its own, and that is
 * one more request before the first log. They know each other by the properties of Core and Carrier alone, whose names
 * are shortened alike in all of them.
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

/** Names of properties that no page and no server sees. What is in an option, an event or a receipt is not among them. */
const INTERNAL_NAMES =
  "accept answer bytes carrier choice chunk chunks database dispatch drop emit flights forget head isGone isHeld isSaved " +
  "isSent isSpilled json listeners load openDatabase options owner queue recordKey session share spill start stop store " +
  "tick totals touch";

/** What each internal name became. */
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

const buildOurs = async (options: BuildOptions): Promise<void> => {
  const mangleProps = new RegExp(`^(?:${INTERNAL_NAMES.replaceAll(" ", "|")})$`);
  const built = await build({ ...common, mangleProps, mangleCache, ...options });
  mangleCache = { ...mangleCache, ...built.mangleCache };
};

/** Leaves what matches to the file of that name beside the output. */
const apart = (filter: RegExp, path: string): Plugin => ({
  name: `apart ${path}`,
  setup({ onResolve }) {
    onResolve({ filter }, ({ kind }) => (kind === "dynamic-import" ? { path, external: true } : undefined));
  },
});

/** `./captures/console` in package.json is built from `logger/captures/console.ts`: its types say from where. */
const entryPoints = Object.values(packageJson.exports).map(({ types, default: file }) => ({
  in: join(ROOT, types.replace("./lib/types/web-client/", "").replace(/\.d\.ts$/, ".ts")),
  out: file.replace("./lib/", "").replace(/\.js$/, ""),
}));
const deliveryApart = apart(/\/delivery\.ts$/, "./delivery.js");
const external = ["web-vitals"];

await rm(LIB, { recursive: true, force: true });
await build({
  ...common,
  entryPoints: [join(ROOT, "mqtt-slim/entry.ts")],
  outfile: join(LIB, "mqtt.js"),
  plugins: [mqttSlim()],
});
// The core as an app bundles it that imports no more than the main entry.
await buildOurs({
  entryPoints: [join(ROOT, "logger/index.ts")],
  outfile: join(LIB, "size/core.js"),
  plugins: [deliveryApart],
});
await buildOurs({
  entryPoints,
  outdir: LIB,
  splitting: true,
  chunkNames: "[name]-[hash]",
  external,
  plugins: [deliveryApart],
});
await buildOurs({
  entryPoints: [{ in: join(ROOT, "logger/send/delivery.ts"), out: "delivery" }],
  outdir: LIB,
  splitting: true,
  chunkNames: "[name]-[hash]",
  plugins: [apart(/mqtt-slim\/entry\.ts$/, "./mqtt.js"), workerUrl()],
});
// Each is one file without imports, mqtt.js in the one that needs it: any bundler can put them anywhere.
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
