/** Takes a state directory for this process: one supervisor at a time, and none of the leftovers of one before. */
import { StackError } from "../lib/stack-error.ts";
import { removeStackFile } from "../lib/stack-file.ts";
import { removeStalePidFile, stopOrphans, findSupervisor, createPidFile, type PidFile } from "./pid-file.ts";

export interface Claim {
  readonly book: PidFile;
  /** Names of services that a killed supervisor had left running, and that were ended now. */
  readonly ended: readonly string[];
}

const isExisting = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "EEXIST";

/** Throws when another process has the directory. */
export const lockHome = async (home: string): Promise<Claim> => {
  const supervisor = await findSupervisor(home);
  if (supervisor !== undefined) throw new StackError(`A stack runs in ${home} already (process ${supervisor.pid}).`);
  const ended = await stopOrphans(home);
  await removeStackFile(home);
  await removeStalePidFile(home);
  try {
    return { book: await createPidFile(home), ended };
  } catch (error) {
    if (isExisting(error)) throw new StackError(`Another process starts a stack in ${home} at this moment.`);
    throw error;
  }
};
