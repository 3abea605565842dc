/** Builds `entry.ts` with esbuild. */
import { readFile } from "node:fs/promises";
import { isAbsolute } from "node:path";
import type { Plugin } from "esbuild";
import { findReplacement, usesProcess, withProcess } from "./replacements.ts";

/**
 * esbuild does not support the export name "module.exports", which sets the result of `require`, so a module that has it is
 * wrapped in a line of CommonJS.
 */
const CALLED = /(?:buffer-list|no-debug|next-tick)\.ts$/;
const CALLED_NAMESPACE = "mqtt-slim-called";

export const mqttSlim = (): Plugin => ({
  name: "mqtt-slim",
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path: specifier, importer, namespace }) => {
      if (namespace === CALLED_NAMESPACE) return { path: specifier, namespace: "file" };
      const path = usesProcess(importer) && isAbsolute(specifier) ? specifier : findReplacement(specifier, importer);
      return path === undefined ? undefined : { path, namespace: CALLED.test(path) ? CALLED_NAMESPACE : "file" };
    });
    build.onLoad({ filter: /.*/, namespace: CALLED_NAMESPACE }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)}).default;`,
    }));
    build.onLoad({ filter: /[\\/](?:shared|is-browser)\.js$/ }, async ({ path }) =>
      usesProcess(path) ? { contents: withProcess(await readFile(path, "utf8")), loader: "js" } : undefined,
    );
  },
});
