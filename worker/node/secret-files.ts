/**
 * Reads secrets from files: those named in `…_FILE` variables, and the credentials of a systemd service, whose names are
 * those of the variables in lower case.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The variables whose values may be in files. */
const SECRETS = [
  "OPENSEARCH_URL",
  "OPENSEARCH_PASSWORD",
  "RELAY_TOKEN",
  "RELAY_TOKEN_PREVIOUS",
  "TAIL_PASSWORD",
] as const;

type Variables = Readonly<Record<string, string | undefined>>;

/** Path of the file with a secret, if there is one. systemd sets CREDENTIALS_DIRECTORY (systemd.exec(5), LoadCredential=). */
const findFile = (name: string, variables: Variables): string | undefined => {
  const path = variables[`${name}_FILE`];
  if (path !== undefined && path !== "") return path;
  const directory = variables["CREDENTIALS_DIRECTORY"];
  const credential = directory === undefined ? undefined : join(directory, name.toLowerCase());
  return credential !== undefined && existsSync(credential) ? credential : undefined;
};

/** Adds the secrets, without a line feed at their end. Throws an error with the variable's name if a file cannot be read. */
export const readSecretFiles = (variables: Variables): Variables => {
  const secrets = SECRETS.flatMap((name) => {
    const path = findFile(name, variables);
    if (path === undefined) return [];
    try {
      return [[name, readFileSync(path, "utf8").replace(/\r?\n$/, "")] as const];
    } catch (error) {
      throw new Error(`Invalid configuration: the file of ${name} cannot be read`, { cause: error });
    }
  });
  return { ...variables, ...Object.fromEntries(secrets) };
};
