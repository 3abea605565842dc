/**
 * Builds `lib/`, the package as it is published: code with esbuild, declarations with tsc. mqtt.js is built first, alone:
 * together with the rest it would bring esbuild's helpers for CommonJS into the core.
 */
import { execFileSync } from "node:child_process";
import { globSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { mqttSlim } from "./mqtt-slim/esbuild-plugin.ts";

const ROOT = fileURLToPath(new URL(".", import.meta.url));
const LIB = join(ROOT, "lib");

const common: BuildOptions = {
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  platform: "browser",
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "none",
};

const useBuiltMqtt: Plugin = {
  name: "use-built-mqtt",
  setup: ({ onResolve }) => {
    onResolve({ filter: /mqtt-slim\/entry\.ts$/ }, () => ({ path: "./mqtt.js", external: true }));
  },
};

const splitting: BuildOptions = {
  ...common,
  splitting: true,
  chunkNames: "[name]-[hash]",
  external: ["web-vitals"],
  plugins: [useBuiltMqtt],
};

const names = globSync(["src/captures/*.ts", "adapters/*.ts"], { cwd: ROOT }).filter(
  (path) => !/(?:console-text|guard)\.ts$/.test(path),
);
const toOut = (path: string): string => path.replace(/^src\//, "").replace(/\.ts$/, "");

await rm(LIB, { recursive: true, force: true });
await build({
  ...common,
  entryPoints: [join(ROOT, "mqtt-slim/entry.ts")],
  outfile: join(LIB, "mqtt.js"),
  plugins: [mqttSlim()],
});
await build({
  ...splitting,
  entryPoints: ["src/index.ts", ...names].map((path) => ({ in: join(ROOT, path), out: toOut(path) })),
  outdir: LIB,
});
// The core as an app bundles it that imports no more than the main entry.
await build({ ...splitting, entryPoints: [join(ROOT, "src/index.ts")], outdir: join(LIB, "size") });

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
execFileSync(process.execPath, [tsc, "-p", join(ROOT, "tsconfig.lib.json")], { stdio: "inherit" });
