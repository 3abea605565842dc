/** The state directories of tests. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { printLogsOnFailure } from "./service-logs.ts";

/**
 * Creates a state directory, whose services end with `npm test`. If a test of the same file fails, their logs are printed.
 *
 * @param name The start of the directory's name.
 */
export const makeHome = async (name: string): Promise<string> => {
  const home = await mkdtemp(join(process.env["EDGELOG_TEST_HOME"] ?? tmpdir(), `${name}-`));
  printLogsOnFailure(home);
  return home;
};
