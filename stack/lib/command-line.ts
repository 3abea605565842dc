/** The command lines of the commands. */
import { parseArgs } from "node:util";
import type * as z from "zod";
import { print, printError } from "./print.ts";
import { StackError } from "./stack-error.ts";

/** Runs a command. Prints its error, and sets the exit status to 1. */
export const runCommand = async (main: () => Promise<void>): Promise<void> => {
  try {
    await main();
  } catch (error) {
    printError(error);
    process.exitCode = 1;
  }
};

/**
 * For a command without options: prints `help` for `--help`, and returns whether the command should run. Throws for any other argument,
 * because a command that ignored it would do something that the operator does not expect.
 */
export const shouldRun = (help: string): boolean => {
  const { values } = parseArgs({ options: { help: { type: "boolean", short: "h", default: false } } });
  if (values.help) print(help);
  return !values.help;
};

/** The values of options. Throws a {@link StackError} that names each invalid option. */
export const toOptions = <T>(schema: z.ZodType<T>, values: object): T => {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new StackError(parsed.error.issues.map(({ path, message }) => `--${String(path[0])}: ${message}`).join("\n"));
};

/**
 * Throws if there are more positional arguments than the command uses: it would do less than the operator expects.
 *
 * @param count Number of arguments that the command uses, with its own name.
 */
export const assertNoMore = (positionals: readonly string[], count: number): void => {
  const rest = positionals.slice(count);
  if (rest.length > 0) throw new StackError(`Unexpected argument: ${rest.join(" ")}`);
};

/** The error for a command that does not exist. */
export const unknownCommand = (command: string, help: string): StackError =>
  new StackError(command === "" ? help : `Unknown command: ${command}\n\n${help}`);
