/**
 * Bundles a client like an app, and measures the bytes that a page loads before it can log. edgelog-web is bundled from
 * the built package.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build, type Metafile, type Plugin } from "esbuild";
import type { Client } from "./clients.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const OTHERS = fileURLToPath(new URL("others/", import.meta.url));

export interface Weight {
  readonly min: number;
  readonly gzip: number;
  readonly brotli: number;
}

export interface Bundle {
  /** By the path from which a page loads them. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly entry: string;
  /** Scripts that the page loads at once: the entry and its static imports. */
  readonly initial: Weight;
  /** Scripts that may be loaded later. */
  readonly lazy: Weight;
}

/** A bundled client. */
export interface Candidate {
  readonly client: Client;
  readonly version: string | undefined;
  readonly bundle: Bundle;
}

/** Resolves the clients of `others/`, which are not installed with the project, and the built package. */
export const prepareClients = async (): Promise<void> => {
  await run("npm", ["ci", "--ignore-scripts"], { cwd: OTHERS });
  await run("npm", ["run", "build:package"], { cwd: ROOT });
};

export const versionOf = async ({ package: name }: Client): Promise<string | undefined> => {
  if (name === undefined) return undefined;
  const text = await readFile(join(OTHERS, "node_modules", name, "package.json"), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
};

const weigh = (contents: readonly Uint8Array[]): Weight => {
  const sum = (sizeOf: (code: Uint8Array) => number): number =>
    contents.reduce((total, code) => total + sizeOf(code), 0);
  return {
    min: sum((code) => code.length),
    gzip: sum((code) => gzipSync(code, { level: 9 }).length),
    brotli: sum((code) => brotliCompressSync(code).length),
  };
};

const staticImports = (outputs: Metafile["outputs"], path: string, known = new Set<string>()): Set<string> => {
  known.add(path);
  for (const { kind, path: next, external } of outputs[path]?.imports ?? []) {
    if (kind === "import-statement" && !external && !known.has(next)) staticImports(outputs, next, known);
  }
  return known;
};

/** Resolves packages in `others/`. The project itself has other versions of some of them. */
const resolveInOthers: Plugin = {
  name: "others",
  setup(build) {
    build.onResolve({ filter: /^[@a-z]/ }, ({ path, kind, importer, pluginData }) =>
      pluginData === "others" || importer.includes("node_modules") || kind === "entry-point"
        ? undefined
        : build.resolve(path, { kind, resolveDir: OTHERS, pluginData: "others" }),
    );
  },
};

/** The scripts of the logger's Workers. Other bundlers include them by their URLs, esbuild does not. */
const WORKERS = ["shared-link-worker.js", "post-worker.js"];

export const bundleClient = async ({ id, isOurs }: Client): Promise<Bundle> => {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL(`clients/${id}.js`, import.meta.url))],
    absWorkingDir: ROOT,
    outdir: id,
    plugins: [resolveInOthers],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    splitting: true,
    metafile: true,
    write: false,
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "error",
  });
  const entry = `${id}/${id}.js`;
  const first = staticImports(metafile.outputs, entry);
  const files = new Map(outputFiles.map(({ path, contents }) => [path.slice(ROOT.length), contents]));
  const pick = (isInitial: boolean): Weight =>
    weigh([...files].filter(([path]) => first.has(path) === isInitial).map(([, contents]) => contents));
  const weights = { initial: pick(true), lazy: pick(false) };
  for (const name of isOurs ? WORKERS : [])
    files.set(`${id}/${name}`, await readFile(join(ROOT, "web-client", "package", "lib", name)));
  return { files, entry, ...weights };
};
