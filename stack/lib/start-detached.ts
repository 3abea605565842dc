/**
 * `npm start -- --detach`: runs the supervisor in a separate session with its output in a log file, and prints that log
 * until the stack is ready.
 */
import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onStopSignal } from "./on-stop-signal.ts";
import { readStackFile } from "./stack-file.ts";
import { pathsOf, prepareHome, ROOT_DIR } from "./state-dir.ts";
import { prepareLog } from "../supervise/service-log.ts";
import { toSummary } from "./summary.ts";
import { print } from "./print.ts";

const POLL_MS = 100;
const CHUNK_BYTES = 65_536;

export const startDetached = async (home: string): Promise<void> => {
  await prepareHome(home);
  const { supervisorLog } = pathsOf(home);
  await prepareLog(supervisorLog);
  const log = await open(supervisorLog, "a+", 0o600);
  let { size: printed } = await log.stat();
  const printNewOutput = async (): Promise<void> => {
    const { buffer, bytesRead } = await log.read({ buffer: Buffer.alloc(CHUNK_BYTES), position: printed });
    printed += bytesRead;
    process.stdout.write(buffer.subarray(0, bytesRead));
  };

  const child = spawn(process.execPath, [join(ROOT_DIR, "stack", "commands", "start.ts"), "--background"], {
    cwd: ROOT_DIR,
    env: { ...process.env, EDGELOG_HOME: home },
    stdio: ["ignore", log.fd, log.fd],
    detached: true,
  });
  let exitCode: number | undefined;
  child.once("exit", (code) => (exitCode = code ?? 1));
  child.once("error", () => (exitCode = 1));
  onStopSignal({ onFirst: () => child.kill("SIGTERM"), onSecond: () => child.kill("SIGKILL") });

  for (;;) {
    await printNewOutput();
    if (exitCode !== undefined) {
      await printNewOutput();
      process.exit(exitCode === 0 ? 1 : exitCode);
    }
    const file = await readStackFile(home);
    if (file?.processes.supervisor === child.pid && file !== undefined) {
      await printNewOutput();
      print(toSummary(file, `Running in the background (log: ${supervisorLog}). Stop it with \`npm run stop\`.`));
      process.exit(0);
    }
    await sleep(POLL_MS);
  }
};
