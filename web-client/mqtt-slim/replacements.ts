/**
 * The table of replaced modules, for esbuild and Vite. It applies only to imports by mqtt.js and mqtt-packet: other modules
 * in the bundle are not affected.
 */
import { fileURLToPath } from "node:url";

/** The replacement for each module that mqtt.js or mqtt-packet imports by this name. */
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

/** Path of the replacement of `specifier`; `undefined` if it is not replaced. */
export const findReplacement = (specifier: string, importer: string): string | undefined => {
  const file = FROM.test(toSlashes(importer)) ? REPLACEMENTS[specifier] : undefined;
  return file === undefined ? undefined : shimPath(file);
};

/** Files that use the global `process`, which a page does not have. */
export const usesProcess = (path: string): boolean => USES_PROCESS.test(toSlashes(path));

/** Adds an import of `process` to such a file, on its first line, so that line numbers stay the same. */
export const withProcess = (code: string): string =>
  `const process = require(${JSON.stringify(shimPath("next-tick.ts"))}); ${code}`;
