/** Takes a state directory for this process: one supervisor at a time, and none of the leftovers of one before. */
import { StackError } from "../lib/errors.ts";
import { removeStackFile } from "../lib/stack-file.ts";
import { discardBook, endLeftovers, findSupervisor, openBook, type ProcessBook } from "./process-book.ts";

export interface Claim {
  readonly book: ProcessBook;
  /** Names of parts that a killed supervisor had left running, and that were ended now. */
  readonly ended: readonly string[];
}

const isExisting = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "EEXIST";

/** Throws when another process has the directory. */
export const claimHome = async (home: string): Promise<Claim> => {
  const supervisor = await findSupervisor(home);
  if (supervisor !== undefined) throw new StackError(`A stack runs in ${home} already (process ${supervisor.pid}).`);
  const ended = await endLeftovers(home);
  await removeStackFile(home);
  await discardBook(home);
  try {
    return { book: await openBook(home), ended };
  } catch (error) {
    if (isExisting(error)) throw new StackError(`Another process starts a stack in ${home} at this moment.`);
    throw error;
  }
};
