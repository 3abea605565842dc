/** Builds mqtt.js with Vite as the chunk that pages load on demand: with the shims, or as published. */
import { fileURLToPath } from "node:url";
import { build, type Rolldown } from "vite";
import { mqttSlim } from "../../../web-client/mqtt-slim/vite-plugin.ts";

export type ClientKind = "slim" | "stock";

const ENTRIES: Readonly<Record<ClientKind, string>> = {
  slim: "../../../web-client/mqtt-slim/entry.ts",
  stock: "./stock-entry.ts",
};

export const buildClient = async (kind: ClientKind): Promise<Rolldown.OutputChunk> => {
  const built = await build({
    configFile: false,
    logLevel: "warn",
    plugins: kind === "slim" ? [mqttSlim()] : [],
    build: {
      write: false,
      target: "es2022",
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: fileURLToPath(new URL(ENTRIES[kind], import.meta.url)),
        preserveEntrySignatures: "strict",
      },
    },
  });
  const chunk = "output" in built ? built.output[0] : undefined;
  if (chunk === undefined) throw new Error("Vite built no chunk");
  return chunk;
};
