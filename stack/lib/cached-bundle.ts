/**
 * Bundles of the relay, the Worker and the server, which are made again only when their sources have changed: a stack starts seconds
 * earlier, and tests start many.
 */
import { copyFile, glob, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { bundleRelay } from "../../broker/relay/bundle.ts";
import { bundleServer } from "../../worker/node/bundle.ts";
import { bundleWorker } from "./bundle-worker.ts";
import { hashFiles, listFiles } from "./hash-files.ts";
import { ROOT_DIR } from "./state-dir.ts";

const PROGRAMS = {
  relay: { bundle: bundleRelay, sources: ["broker/relay/**/*"] },
  server: { bundle: bundleServer, sources: ["worker/**/*"] },
  worker: { bundle: bundleWorker, sources: ["worker/src/**/*", "wrangler.toml"] },
} as const;

export type ProgramName = keyof typeof PROGRAMS;

const COMMON_SOURCES = ["contract/**/*.ts", "package-lock.json"];
const CACHE_DIR = join(ROOT_DIR, "node_modules", ".edgelog-bundles");

const isCopied = (from: string, to: string): Promise<boolean> =>
  copyFile(from, to).then(
    () => true,
    () => false,
  );

/** The files from which a bundle is made, relative to the root of the clone. */
export const listBundleSources = (name: ProgramName): readonly string[] =>
  listFiles([...PROGRAMS[name].sources, ...COMMON_SOURCES]);

/** Writes the bundle of a program to `outfile`. */
export const writeBundle = async (name: ProgramName, outfile: string): Promise<void> => {
  const { bundle } = PROGRAMS[name];
  const hash = hashFiles(listBundleSources(name)).slice(0, 16);
  const cached = join(CACHE_DIR, `${name}-${hash}.mjs`);
  if (await isCopied(cached, outfile)) return;
  await mkdir(CACHE_DIR, { recursive: true });
  for await (const former of glob(`${name}-*.mjs`, { cwd: CACHE_DIR }))
    await rm(join(CACHE_DIR, former), { force: true });
  await bundle(outfile);
  // Another process may copy the file at the same time.
  const draft = `${cached}.${process.pid}.tmp`;
  await copyFile(outfile, draft);
  await rename(draft, cached);
};
