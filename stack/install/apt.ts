/**
 * Installs Debian packages if this user is root. Their services are not started: a broker started by apt would occupy port
 * 1883. A policy file that exits with 101 is Debian's mechanism for that.
 */
import { appendFile, rm, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { StackError } from "../lib/stack-error.ts";
import { pathsOf, prepareHome } from "../lib/state-dir.ts";
import { readLogTail } from "../supervise/service-log.ts";
import { findExecutable } from "./find-executable.ts";

const POLICY_FILE = "/usr/sbin/policy-rc.d";
const DISK_FULL = /No space left on device|not have enough free space/i;

/** Runs `work` while packages cannot start services. An existing policy file is not changed. */
const withoutServices = async (work: () => Promise<void>): Promise<void> => {
  const isOurs = await writeFile(POLICY_FILE, "#!/bin/sh\nexit 101\n", { mode: 0o755, flag: "wx" }).then(
    () => true,
    () => false,
  );
  try {
    await work();
  } finally {
    if (isOurs) await rm(POLICY_FILE, { force: true });
  }
};

export const installPackages = async (home: string, packages: readonly string[]): Promise<void> => {
  const line = `apt-get install ${packages.join(" ")}`;
  const apt = await findExecutable("apt-get");
  if (apt === undefined)
    throw new StackError(`Missing: ${packages.join(", ")}. Install them with your package manager.`);
  if (process.getuid?.() !== 0)
    throw new StackError(`Missing: ${packages.join(", ")}. Install them with: sudo ${line}`);
  await prepareHome(home);
  const log = pathsOf(home).installLog;
  const run = async (args: readonly string[]): Promise<void> => {
    await appendFile(log, `--- apt-get ${args.join(" ")}\n`);
    const result = await execa(apt, args, {
      env: { DEBIAN_FRONTEND: "noninteractive" },
      stdin: "ignore",
      stdout: { file: log, append: true },
      stderr: { file: log, append: true },
      reject: false,
    });
    if (!result.failed) return;
    const tail = await readLogTail(log);
    if (DISK_FULL.test(tail)) throw new StackError(`The disk is full: \`${line}\` failed. Free some space.`);
    throw new StackError(`\`${line}\` failed. The end of ${log}:\n${tail}`);
  };
  await withoutServices(async () => {
    await run(["update"]);
    await run(["install", "-y", "--no-install-recommends", ...packages]);
  });
};
