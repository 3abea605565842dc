/** The files in bench/results/: one for each run. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT_DIR } from "../../stack/lib/state-dir.ts";
import type { RowResult } from "../support/figure.ts";
import type { Machine } from "../support/machine.ts";

const RESULTS = new URL("../results/", import.meta.url);

export interface BenchResult {
  /** RFC 3339. */
  readonly started: string;
  readonly rounds: number;
  readonly events: number;
  readonly machine: Machine;
  readonly rows: readonly RowResult[];
}

/** Returns the path from the root of the repository. */
export const saveResult = async (result: BenchResult): Promise<string> => {
  await mkdir(RESULTS, { recursive: true });
  const time = result.started.slice(0, 16).replaceAll(/[:T]/g, "-");
  const names = result.rows.map(({ row }) => row).join("+");
  const file = new URL(`${time}-${names}.json`, RESULTS);
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`);
  return relative(ROOT_DIR, fileURLToPath(file));
};

/** All results, the oldest first. */
export const readResults = async (): Promise<readonly BenchResult[]> => {
  const names = (await readdir(RESULTS).catch(() => [])).filter((name) => name.endsWith(".json"));
  const results = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(new URL(name, RESULTS), "utf8")) as BenchResult),
  );
  return results.toSorted((a, b) => (a.started < b.started ? -1 : 1));
};
