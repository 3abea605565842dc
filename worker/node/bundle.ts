/**
 * Bundles the server into one file, which needs Node.js 24.9 or later and no packages.
 *
 *   node worker/node/bundle.ts OUTFILE
 */
import { join } from "node:path";
import { build } from "esbuild";

/** pino and ws are CommonJS modules and load Node's built-in modules with `require`. */
const REQUIRE = 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);';

/** Rejects if esbuild reports an error. */
export const bundleServer = async (outfile: string): Promise<void> => {
  await build({
    entryPoints: [join(import.meta.dirname, "main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    banner: { js: REQUIRE },
    logLevel: "error",
  });
};

const [, , outfile] = process.argv;
if (import.meta.main && outfile !== undefined) await bundleServer(outfile);
