/** The environment variables of the commands. */

/** The value of a variable. `undefined` if it is absent or empty. */
export const readVariable = (name: string): string | undefined => {
  const value = process.env[name];
  return value === "" ? undefined : value;
};
