/** Runs a setup program. Its errors are printed without a stack if the operator can fix them. */
import { OpenSearchError } from "./connect.ts";

export const runSetup = async (main: () => Promise<void>): Promise<void> => {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof OpenSearchError ? error.message : error);
    process.exitCode = 1;
  }
};
