/** Checks the secrets of a deployment: their values in a file, or their names at Cloudflare. */
import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { execa } from "execa";
import * as z from "zod";
import { findEnvProblems } from "../../worker/src/find-env-problems.ts";
import { StackError } from "../lib/stack-error.ts";
import { REQUIRED_SECRETS } from "./check-config.ts";
import { failed, passed, skipped, type Finding } from "../lib/finding.ts";

export type SecretValues = Readonly<Record<string, string>>;

const valuesSchema = z.record(z.string(), z.string());

/** Values of a documentation or an example file. */
const PLACEHOLDER =
  /^(?:<.*>|\.\.\.|…|change-?me.*|todo|xxx+)$|\.example(?:\.com)?(?:[:/]|$)|:\/\/[^/]*example\.(?:com|org|net)/i;

/** Reads a file with lines `NAME=value`, or a JSON object; the formats of `wrangler deploy --secrets-file`. */
export const readSecretsFile = async (path: string): Promise<SecretValues> => {
  const text = await readFile(path, "utf8").catch(() => {
    throw new StackError(`Cannot read the file of secrets ${path}`);
  });
  try {
    return valuesSchema.parse(text.trimStart().startsWith("{") ? JSON.parse(text) : parseEnv(text));
  } catch {
    throw new StackError(`${path} must have lines NAME=value, or be a JSON object with strings.`);
  }
};

const FORMS: Readonly<Record<string, string>> = {
  OPENSEARCH_URL: "an http or https URL, with user and password",
  BROKER_URL: "an http or https URL of the broker's WebSocket listener",
  RELAY_TOKEN: "at least 32 random characters",
  RELAY_TOKEN_PREVIOUS: "at least 32 random characters",
  TAIL_PASSWORD: "at least 32 random characters",
  ACCESS_CLIENT_ID: "the id of a service token of Cloudflare Access",
  ACCESS_CLIENT_SECRET: "set together with ACCESS_CLIENT_ID",
};

/** Checks values. The details never contain one. */
export const checkSecretValues = (values: SecretValues): readonly Finding[] => {
  const problems = new Set(findEnvProblems(values));
  const names = new Set([...REQUIRED_SECRETS, ...Object.keys(values), ...problems]);
  return [...names].map((name) => {
    const value = values[name];
    if (value === undefined || value === "") {
      return failed(name, `add ${name}=…: ${FORMS[name] ?? "a required secret"}`);
    }
    if (PLACEHOLDER.test(value)) return failed(name, "the value is a placeholder");
    if (problems.has(name)) return failed(name, `malformed: must be ${FORMS[name] ?? "a valid value"}`);
    return passed(name, "set");
  });
};

const listSchema = z.array(z.object({ name: z.string() }));

/** @param output Output of `wrangler secret list`, and whether it failed. */
export const checkSecretNames = (output: string, isFailed: boolean): readonly Finding[] => {
  if (isFailed) {
    if (/10007|does not exist|not found/i.test(output)) {
      return REQUIRED_SECRETS.map((name) =>
        failed(name, "the Worker does not exist yet: pass all secrets with --secrets-file FILE"),
      );
    }
    return [
      failed("Cloudflare", "wrangler cannot list the secrets: run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN"),
    ];
  }
  const parsed = listSchema.safeParse(JSON.parse(output.slice(output.indexOf("["))));
  const names = new Set(parsed.data?.map(({ name }) => name));
  return REQUIRED_SECRETS.map((name) =>
    names.has(name) ? passed(name, "set at Cloudflare") : failed(name, `run \`npx wrangler secret put ${name}\``),
  );
};

/** Lists the secrets at Cloudflare. Needs a login. */
export const checkSecretsAtCloudflare = async (wrangler: string, config: string): Promise<readonly Finding[]> => {
  const {
    failed: isFailed,
    stdout,
    stderr,
  } = await execa(process.execPath, [wrangler, "secret", "list", "--format", "json", "--config", config], {
    reject: false,
    timeout: 60_000,
    env: { CI: "1", NO_COLOR: "1" },
  });
  const origins = skipped("origins", "pass --secrets-file FILE to check that OpenSearch and the broker can be reached");
  return [...checkSecretNames(isFailed ? `${stdout}${stderr}` : stdout, isFailed), origins];
};
