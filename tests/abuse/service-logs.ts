/** The lines that relay and Worker have logged since a point in time. */
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { pathsOf } from "../../stack/lib/state-dir.ts";

const NAMES = ["relay", "worker"] as const;

export interface ServiceLogs {
  /** Lines since the start of the watch. */
  readLines(): Promise<readonly string[]>;
}

const readFrom = async (path: string, start: number): Promise<string> => {
  await using file = await open(path);
  const { size } = await file.stat();
  const buffer = Buffer.alloc(Math.max(0, size - start));
  await file.read({ buffer, position: start });
  return buffer.toString();
};

export const watchServiceLogs = async (home: string): Promise<ServiceLogs> => {
  const paths = NAMES.map((name) => join(pathsOf(home).logs, `${name}.log`));
  const starts = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  return {
    readLines: async () => {
      const texts = await Promise.all(paths.map((path, i) => readFrom(path, starts[i] ?? 0)));
      return texts.flatMap((text) => text.split("\n"));
    },
  };
};

/** Whether a warning or an error names the app, as a field or in a topic. Pino's levels are numbers. */
export const isNamed = (lines: readonly string[], app: string): boolean => {
  const name = new RegExp(String.raw`"(?:app|apps|user)":\[?"${app}["\\]|logs/${app}/`);
  return lines.some((line) => /"level":(?:"warn"|"error"|40|50)/.test(line) && name.test(line));
};
