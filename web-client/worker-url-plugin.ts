/**
 * esbuild copies the URL of a Worker's script unchanged from the source. This plugin replaces it with the URL of the
 * built script, which is a file of that name next to the output.
 */
import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

export const workerUrl = (): Plugin => ({
  name: "worker-url",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/platform-workers\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/new URL\("[^"]*?([\w-]+)\.ts"/g, 'new URL("./$1.js"'),
      loader: "ts",
    }));
  },
});
