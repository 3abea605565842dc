/** The ends of the logs of the services of a failed test, which are otherwise deleted with their state directory. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathsOf } from "../../stack/lib/state-dir.ts";
import { readLogTail } from "../../stack/supervise/service-log.ts";

const homes: string[] = [];

/** The logs in this state directory are printed if a test of the same file fails. */
export const printLogsOnFailure = (home: string): void => {
  homes.push(home);
};

/** Returns the logs of the registered state directories, and forgets them: a second failure has the same logs. */
export const takeLogs = async (): Promise<string> => {
  const logs = await Promise.all(
    homes.splice(0).map(async (home) => {
      const dir = pathsOf(home).logs;
      const names = await readdir(dir).catch((): string[] => []);
      return await Promise.all(names.map(async (name) => `--- ${name}\n${await readLogTail(join(dir, name))}`));
    }),
  );
  return logs.flat().join("\n");
};
