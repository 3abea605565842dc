/** Reads the user's id from standard input: arguments are visible in the process list and in the history of the shell. */
import { createInterface } from "node:readline/promises";
import { StackError } from "../lib/stack-error.ts";

/** The first line, without spaces around it. Asks for it on a terminal. Throws if it is empty. */
export const readUser = async (input: NodeJS.ReadStream = process.stdin): Promise<string> => {
  const lines = createInterface({ input, output: process.stderr, terminal: input.isTTY });
  try {
    if (input.isTTY) process.stderr.write("user.id or user.email: ");
    for await (const line of lines) {
      const user = line.trim();
      if (user !== "") return user;
    }
  } finally {
    lines.close();
  }
  throw new StackError("Missing user: write its user.id or user.email to standard input, or pass --user ID.");
};
