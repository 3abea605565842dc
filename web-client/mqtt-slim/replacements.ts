/**
 * The one table of what stands in for what, for esbuild and for Vite alike. It holds for imports from within mqtt.js and
 * mqtt-packet only: nobody else in the bundle is affected.
 */
import { fileURLToPath } from "node:url";

/** Each replaces the module that mqtt.js or mqtt-packet asks for under this name. */
export const REPLACEMENTS: Readonly<Record<string, string>> = {
  "../../package.json": "package-version.ts",
  bl: "buffer-list.ts",
  buffer: "buffer.ts",
  debug: "no-debug.ts",
  events: "events.ts",
  "lru-cache": "lru-cache.ts",
  "process-nextick-args": "next-tick.ts",
  "readable-stream": "streams.ts",
  "rfdc/default": "deep-clone.ts",
  "worker-timers": "native-timers.ts",
};

const FROM = /\/node_modules\/(?:mqtt\/build\/lib|mqtt-packet)\//;
const USES_PROCESS = /\/node_modules\/mqtt\/build\/lib\/(?:shared|is-browser)\.js$/;

const shimPath = (file: string): string => fileURLToPath(new URL(`shims/${file}`, import.meta.url));
const toSlashes = (path: string): string => path.replaceAll("\\", "/");

/** Path of what to take instead of `specifier`; `undefined` leaves it as it is. */
export const findReplacement = (specifier: string, importer: string): string | undefined => {
  const file = FROM.test(toSlashes(importer)) ? REPLACEMENTS[specifier] : undefined;
  return file === undefined ? undefined : shimPath(file);
};

/** Files that use the global `process`, which a page does not have. */
export const usesProcess = (path: string): boolean => USES_PROCESS.test(toSlashes(path));

/** Gives such a file a `process` of its own, on its first line, so that its lines keep their numbers. */
export const withProcess = (code: string): string =>
  `const process = require(${JSON.stringify(shimPath("next-tick.ts"))}); ${code}`;
