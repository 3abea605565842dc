/** esbuild leaves the URL of a Worker as it stands in the source; in its output the script ends in `.js`. */
import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

export const workerUrl = (): Plugin => ({
  name: "worker-url",
  setup: ({ onLoad }) => {
    onLoad({ filter: /(?:open-shared-link|http-link)\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/(?<=new URL\("\.\/[\w-]+)\.ts"/, '.js"'),
      loader: "ts",
    }));
  },
});
