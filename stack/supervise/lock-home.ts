/** Locks a state directory for this process, one supervisor at a time, and stops processes of a killed supervisor. */
import { removeStackFile } from "../lib/stack-file.ts";
import { StackError } from "../lib/stack-error.ts";
import { createPidFile, findSupervisor, removeStalePidFile, stopOrphans, type PidFile } from "./pid-file.ts";

export interface HomeLock {
  readonly pidFile: PidFile;
  /** Names of services that a killed supervisor had left running and that are stopped now. */
  readonly stoppedOrphans: readonly string[];
}

const isExisting = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "EEXIST";

/** Throws when another process holds the lock. */
export const lockHome = async (home: string): Promise<HomeLock> => {
  const supervisor = await findSupervisor(home);
  if (supervisor !== undefined) throw new StackError(`A stack already runs in ${home} (process ${supervisor.pid}).`);
  const stoppedOrphans = await stopOrphans(home);
  await removeStackFile(home);
  await removeStalePidFile(home);
  try {
    return { pidFile: await createPidFile(home), stoppedOrphans };
  } catch (error) {
    if (isExisting(error)) throw new StackError(`Another process is starting a stack in ${home}.`);
    throw error;
  }
};
