/**
 * Builds the pages that the Worker serves. mqtt.js is a separate chunk, loaded when a logger needs it.
 */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { mqttSlim } from "./mqtt-slim/vite-plugin.ts";

const page = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "/",
  plugins: [mqttSlim()],
  worker: { format: "es", plugins: () => [mqttSlim()] },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    // The Content-Security-Policy allows no data: URLs and no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { home: page("index.html"), demo: page("demo/index.html"), console: page("console/index.html") },
      output: {
        // One file for the modules that pages share, also with those that are loaded on demand. Otherwise, many of them are a small file each.
        codeSplitting: {
          groups: [
            {
              name: "shared",
              test: /\/console\/(?:components|filter|lib)\//,
              includeDependenciesRecursively: false,
            },
          ],
        },
      },
    },
  },
});
