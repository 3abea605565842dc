/** `npm run deploy`: checks everything that a deployment to Cloudflare needs, builds the pages, and deploys. */
import { parseArgs } from "node:util";
import { execa } from "execa";
import { checkConfig } from "../deploy/check-config.ts";
import { checkOrigins } from "../deploy/check-origins.ts";
import { checkSecretsAtCloudflare, checkSecretValues, readSecretsFile } from "../deploy/check-secrets.ts";
import { hasFailed, toLines, type Finding } from "../lib/finding.ts";
import { runCommand } from "../lib/command-line.ts";
import { StackError } from "../lib/stack-error.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";
import { readWranglerConfig, WRANGLER, WRANGLER_TOML, type WranglerConfig } from "../lib/wrangler-config.ts";
import { pluralize } from "#contract/wire/quantity.ts";
import { print } from "../lib/print.ts";

const HELP = `Usage: npm run deploy -- [options]

  --check               check only: changes nothing here and at Cloudflare
  --secrets-file FILE   lines NAME=value, or a JSON object: the secrets to set. Without it, those that are set at Cloudflare
                        are used, and it is not checked that OpenSearch and the broker can be reached.
  --config FILE         default: wrangler.toml

See docs/operate/cloudflare.md.`;

const check = async (
  config: WranglerConfig,
  path: string,
  secretsFile: string | undefined,
): Promise<readonly Finding[]> => {
  const findings = checkConfig(config);
  if (secretsFile === undefined) return [...findings, ...(await checkSecretsAtCloudflare(WRANGLER, path))];
  const values = await readSecretsFile(secretsFile);
  const secrets = checkSecretValues(values);
  return [...findings, ...secrets, ...(hasFailed(secrets) ? [] : await checkOrigins(config, values))];
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      check: { type: "boolean", default: false },
      "secrets-file": { type: "string" },
      config: { type: "string", default: WRANGLER_TOML },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return print(HELP);
  const { config: path, "secrets-file": secretsFile } = values;
  const findings = await check(readWranglerConfig(path), path, secretsFile);
  print(toLines(findings));
  if (hasFailed(findings)) {
    const count = findings.filter(({ result }) => result === "failed").length;
    throw new StackError(`\n${pluralize(count, "problem")}. Nothing was deployed.`);
  }
  if (values.check) return print("\nReady to deploy.");
  // Wrangler builds the pages with [build] of its configuration, and fails if that fails.
  const args = ["deploy", "--config", path, ...(secretsFile === undefined ? [] : ["--secrets-file", secretsFile])];
  const { failed } = await execa(process.execPath, [WRANGLER, ...args], {
    reject: false,
    stdio: "inherit",
    cwd: ROOT_DIR,
  });
  if (failed) throw new StackError("The deployment failed, see above.");
  print("\nNow test every route: npm run doctor -- https://YOUR-WORKER");
};

await runCommand(main);
