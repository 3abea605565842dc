/** Builds `entry.ts` with Vite (or Rolldown, or Rollup). */
import type { Plugin } from "vite";
import { findReplacement, usesProcess, withProcess } from "./replacements.ts";

export const mqttSlim = (): Plugin => ({
  name: "mqtt-slim",
  enforce: "pre",
  resolveId: (specifier, importer) => (importer === undefined ? undefined : findReplacement(specifier, importer)),
  transform: (code, id) => (usesProcess(id) ? { code: withProcess(code), map: null } : undefined),
});
