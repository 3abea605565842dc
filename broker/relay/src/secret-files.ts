/** Reads secrets from files, for containers whose environment other programs can read. */
import { readFileSync } from "node:fs";

const SECRETS = ["RELAY_BROKER_PASSWORD", "RELAY_CLIENT_ID", "RELAY_TOKEN"] as const;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Adds the content of each file in `RELAY_…_FILE` as the variable `RELAY_…`, without a line feed at its end. Throws an error with
 * the name of the variable if the file cannot be read.
 */
export const readSecretFiles = (variables: Variables): Variables => {
  const secrets = SECRETS.flatMap((name) => {
    const path = variables[`${name}_FILE`];
    if (path === undefined || path === "") return [];
    try {
      return [[name, readFileSync(path, "utf8").replace(/\r?\n$/, "")] as const];
    } catch (error) {
      throw new Error(`Invalid relay configuration: ${name}_FILE cannot be read`, { cause: error });
    }
  });
  return { ...variables, ...Object.fromEntries(secrets) };
};
