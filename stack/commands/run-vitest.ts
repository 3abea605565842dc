/** `npm run test:only` and `npm run test:security`: runs vitest with the given arguments, without the checks of `npm test`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { onStopSignal } from "../lib/on-stop-signal.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";
import { killProcesses } from "../supervise/kill-processes.ts";

const home = await mkdtemp(join(tmpdir(), "edgelog-test-"));
const stopping = new AbortController();
onStopSignal({ onFirst: () => stopping.abort(), onSecond: () => process.exit(1) });

const vitest = join(ROOT_DIR, "node_modules", "vitest", "vitest.mjs");
const { exitCode } = await execa(process.execPath, [vitest, "run", ...process.argv.slice(2)], {
  cwd: ROOT_DIR,
  stdio: "inherit",
  reject: false,
  cancelSignal: stopping.signal,
  env: { EDGELOG_TEST_HOME: home },
});
await killProcesses(home);
await rm(home, { recursive: true, force: true });
process.exit(exitCode ?? 1);
