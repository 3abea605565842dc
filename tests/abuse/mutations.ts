/**
 * `npm run abuse:mutations`: removes each bound once, in a copy of this clone, and expects the attack that the bound stops to
 * break a bound. Takes about a minute for each.
 *
 *   npm run abuse:mutations -- --only health --only KV   bounds with one of these texts in their name
 *
 * Exits with 1 when a row does not fail without its bound.
 */
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { ROOT_DIR } from "../../stack/lib/state-dir.ts";
import { MUTATIONS, type Mutation } from "./mutation-table.ts";
import type { Row } from "./row.ts";

/** Large folders that are not in Git; nothing in them is changed. */
const LINKED = ["node_modules", join("opensearch", "server", "lib")];

/** Without a bound, the messages of an attack may need minutes to be stored. */
const ROW_TIMEOUT_MS = 480_000;

const copyClone = async (): Promise<string> => {
  const copy = await mkdtemp(join(tmpdir(), "edgelog-mutations-"));
  const { stdout } = await execa("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT_DIR });
  for (const file of stdout.split("\n")) {
    await mkdir(dirname(join(copy, file)), { recursive: true });
    await cp(join(ROOT_DIR, file), join(copy, file));
  }
  for (const folder of LINKED) await symlink(join(ROOT_DIR, folder), join(copy, folder));
  return copy;
};

/** The content of the file without the bound. Throws if the file does not contain the pattern as often as expected. */
export const mutate = (source: string, { file, from, to, occurrences = 1 }: Mutation): string => {
  const count = source.split(from).length - 1;
  if (count !== occurrences)
    throw new Error(`${file} contains the pattern ${count} times, not ${occurrences}: ${from}`);
  return source.replaceAll(from, () => to);
};

/** The row of the attack; `undefined` if it printed none. */
const runRow = async (copy: string, { row, isShort }: Mutation): Promise<Row | undefined> => {
  const args = ["tests/abuse/main.ts", "--json", "--only", row, ...(isShort === true ? ["--short"] : [])];
  const { stdout } = await execa(process.execPath, args, { cwd: copy, reject: false, timeout: ROW_TIMEOUT_MS });
  const line = stdout.split("\n").find((each) => each.startsWith("{"));
  return line === undefined ? undefined : (JSON.parse(line) as Row);
};

const toResult = (row: Row | undefined): string => {
  if (row === undefined) return "NO RESULT";
  const found = row.broken.length === 0 ? "NOT FOUND" : row.broken.join("; ");
  return `${found} (p99 ${row.victimP99Ms} ms, heap ${row.workerPeakMb} MB)`;
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { only: { type: "string", multiple: true, default: [""] } } });
  const chosen = MUTATIONS.filter(({ bound }) => values.only.some((text) => bound.includes(text)));
  const copy = await copyClone();
  let survivors = chosen.length;
  try {
    for (const mutation of chosen) {
      const path = join(copy, mutation.file);
      const source = await readFile(path, "utf8");
      await writeFile(path, mutate(source, mutation));
      const row = await runRow(copy, mutation);
      await writeFile(path, source);
      if (row !== undefined && row.broken.length > 0) survivors -= 1;
      console.log(`${mutation.bound.padEnd(56)}${mutation.row.padEnd(50)}${toResult(row)}`);
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
  console.log(survivors === 0 ? `All ${chosen.length} mutations are found.` : `${survivors} mutations are not found.`);
  process.exitCode = survivors === 0 && chosen.length > 0 ? 0 : 1;
};

if (import.meta.main) await main();
