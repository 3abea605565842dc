/** The environment variables of the commands. */
import { omitEmpty } from "#contract/check/omit-empty.ts";

/** The value of a variable. `undefined` if it is absent or empty. */
export const readVariable = (name: string): string | undefined => omitEmpty(process.env)[name];
