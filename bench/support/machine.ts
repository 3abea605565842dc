/** The machine and the versions of a run. Figures of different machines are compared only by their ratios. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { ROOT_DIR } from "../../stack/lib/state-dir.ts";
import { queryOpenSearch } from "../../tests/support/query-opensearch.ts";

const BYTES_PER_GB = 1e9;

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly kernel: string;
  /** Average number of running processes in the last minute, at the start of the run. */
  readonly loadAtStart: number;
  readonly versions: Readonly<Record<string, string>>;
  /** Commit of the sources. `-dirty` is added if they have changes. */
  readonly commit: string;
}

/** The output, also of a command that fails: `mosquitto -h` always does. */
const run = (command: string, args: readonly string[]): string => {
  const { error, stdout } = spawnSync(command, args, { cwd: ROOT_DIR, encoding: "utf8" });
  return error === undefined ? stdout.trim() : "unknown";
};

const readPackageVersion = (name: string): string => {
  const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, "utf8")) as { readonly version: string }).version;
};

const readLoad = (): number => Number(readFileSync("/proc/loadavg", "utf8").split(" ")[0]);

export const readMachine = (): Machine => {
  const [first] = cpus();
  return {
    cores: cpus().length,
    cpu: first?.model ?? "unknown",
    memoryGb: Math.round(totalmem() / BYTES_PER_GB),
    kernel: release(),
    loadAtStart: readLoad(),
    versions: {
      node: process.version.slice(1),
      wrangler: readPackageVersion("wrangler"),
      workerd: readPackageVersion("workerd"),
      mosquitto: /version (\S+)/.exec(run("mosquitto", ["-h"]))?.[1] ?? "unknown",
    },
    commit: run("git", ["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]),
  };
};

export const readOpenSearchVersion = async (url: string): Promise<string> => {
  const { version } = await queryOpenSearch<{ version: { number: string } }>(url, "/", undefined, "GET");
  return version.number;
};
