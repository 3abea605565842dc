/**
 * Builds demo and console when their sources have changed since the last build. The hash of the sources is stored outside
 * of the output directory, which is public.
 */
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { hashFiles, listFiles } from "./hash-files.ts";
import { StackError } from "./stack-error.ts";
import { ROOT_DIR } from "./state-dir.ts";

const SOURCES = ["web-client/**/*", "contract/**/*.ts", "package-lock.json"];
/** Builds of the packages write to their folders, also while tests run. */
const NOT_SOURCES = ["dist", "node_modules", "package", "node-package"].map((folder) => `web-client/${folder}`);
const HASH_FILE = join(ROOT_DIR, "node_modules", ".edgelog-pages-hash");
const CONFIG = join("web-client", "vite.config.ts");

/** The built pages. */
export const PAGES_DIR = join(ROOT_DIR, "web-client", "dist");

const hasOutput = (): Promise<boolean> =>
  stat(join(PAGES_DIR, "demo", "index.html")).then(
    () => true,
    () => false,
  );

/** The files from which the pages are built, relative to the root of the clone. */
export const listPageSources = (): readonly string[] => listFiles(SOURCES, NOT_SOURCES);

/** Returns whether it built anything. */
export const buildPages = async (): Promise<boolean> => {
  const hash = hashFiles(listPageSources());
  if ((await hasOutput()) && (await readFile(HASH_FILE, "utf8").catch(() => "")) === hash) return false;
  const vite = join(ROOT_DIR, "node_modules", "vite", "bin", "vite.js");
  const { failed, all } = await execa(process.execPath, [vite, "build", "--config", CONFIG], {
    cwd: ROOT_DIR,
    // Tests set it to "test", and the pages would be built for development.
    env: { NODE_ENV: "production" },
    reject: false,
    all: true,
    stdin: "ignore",
  });
  if (failed) throw new StackError(`Could not build the pages:\n${all}`);
  await writeFile(HASH_FILE, hash);
  return true;
};
