/**
 * Builds the server for one host into a directory: `server.mjs`, which needs Node.js and no packages, and `pages/` with a
 * compressed copy of each text file.
 *
 *   node stack/lib/build-server.ts DIR
 */
import { cp, glob, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import { bundleServer } from "../../worker/node/bundle.ts";
import { buildPages, PAGES_DIR } from "./build-pages.ts";

const TEXT_FILES = "**/*.{html,js,css,svg,json}";

/** A smaller file fits into one packet. */
const MIN_COMPRESSED_BYTES = 1_400;

/** Returns the path of the program. */
export const buildServer = async (dir: string): Promise<string> => {
  await buildPages();
  const pages = join(dir, "pages");
  await rm(pages, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await cp(PAGES_DIR, pages, { recursive: true });
  for await (const name of glob(TEXT_FILES, { cwd: pages })) {
    const path = join(pages, name);
    const content = await readFile(path);
    if (content.byteLength < MIN_COMPRESSED_BYTES) continue;
    await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
    await writeFile(`${path}.br`, await promisify(brotliCompress)(content));
  }
  const program = join(dir, "server.mjs");
  await bundleServer(program);
  return program;
};

const [, , dir] = process.argv;
if (import.meta.main && dir !== undefined) await buildServer(dir);
