/** The directory in which one run of tests keeps the state of its servers. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Options } from "execa";
import { killProcesses } from "../supervise/kill-processes.ts";
import { onStopSignal } from "./on-stop-signal.ts";
import { ROOT_DIR } from "./state-dir.ts";

/** The program of vitest. */
export const VITEST = join(ROOT_DIR, "node_modules", "vitest", "vitest.mjs");

export interface TestHome {
  readonly path: string;
  /** Options of the commands of the run. The first stop signal ends them. */
  readonly options: { readonly [Name in "cwd" | "reject" | "cancelSignal" | "env"]: NonNullable<Options[Name]> };
}

/** Creates the directory, and removes it and all processes of its servers when `use` has ended. The second stop signal ends this process. */
export const withTestHome = async <T>(use: (home: TestHome) => Promise<T>): Promise<T> => {
  const path = await mkdtemp(join(tmpdir(), "edgelog-test-"));
  const stopping = new AbortController();
  onStopSignal({ onFirst: () => stopping.abort(), onSecond: () => process.exit(1) });
  const env = { EDGELOG_TEST_HOME: path };
  try {
    return await use({ path, options: { cwd: ROOT_DIR, reject: false, cancelSignal: stopping.signal, env } });
  } finally {
    await killProcesses(path);
    await rm(path, { recursive: true, force: true });
  }
};
