/** Checks wrangler.toml: bindings, limits and settings without which the Worker would not work on Cloudflare. Pure. */
import { CRON_JOBS } from "../../worker/src/crons.ts";
import { findEnvProblems } from "../../worker/src/find-env-problems.ts";
import type { WranglerConfig } from "../lib/wrangler-config.ts";
import { failed, passed, warned, type Finding } from "../lib/finding.ts";

/** Secrets without which the Worker does not start. */
export const REQUIRED_SECRETS: readonly string[] = ["OPENSEARCH_URL", "BROKER_URL", "RELAY_TOKEN"];

const FLAGS: Readonly<Record<string, string>> = {
  nodejs_compat: "the OpenSearch client needs the modules of Node.js",
  global_fetch_strictly_public: "without it, a webhook to a host of your zone passes the zone's firewall",
  enable_request_signal: "without it, queued searches are sent even after their client has disconnected",
};

const RATE_LIMITS: readonly string[] = ["RATE_ADDRESS", "RATE_APP_LOW", "RATE_APP_STANDARD", "RATE_APP_HIGH"];

/** The numbers in Cloudflare's examples, which other Workers of the account may have copied. */
const EXAMPLE_RATE_LIMIT_IDS: ReadonlySet<string> = new Set(["1", "2", "1001", "1002", "1003", "1004"]);

const KV_ID = /^[0-9a-f]{32}$/;

const checkFlags = ({ compatibility_flags: flags }: WranglerConfig): readonly Finding[] =>
  Object.entries(FLAGS).map(([flag, reason]) =>
    flags.includes(flag) ? passed(flag, "set") : failed(flag, `add it to compatibility_flags: ${reason}`),
  );

const checkPages = ({ assets, build }: WranglerConfig): readonly Finding[] => [
  assets?.directory === undefined
    ? failed("assets", 'add [assets] with directory = "./web-client/dist": without it there is no console')
    : passed("assets", assets.directory),
  build?.command === undefined
    ? failed("build", 'add [build] with command = "npm run build": without it, an old console or none is published')
    : passed("build", build.command),
];

const checkKv = ({ kv_namespaces: namespaces }: WranglerConfig): Finding => {
  const namespace = namespaces.find(({ binding }) => binding === "APPS");
  if (namespace === undefined) return failed("APPS", 'add [[kv_namespaces]] with binding = "APPS"');
  if (namespace.id === undefined) return passed("APPS", "the first deployment creates the KV namespace");
  if (KV_ID.test(namespace.id)) return passed("APPS", `KV namespace ${namespace.id}`);
  return failed("APPS", `"${namespace.id}" is not the id of a KV namespace: remove the line, or insert the id`);
};

const checkRateLimits = ({ ratelimits }: WranglerConfig): readonly Finding[] =>
  RATE_LIMITS.map((name) => {
    const limit = ratelimits.find((each) => each.name === name);
    if (limit === undefined) return failed(name, `add [[ratelimits]] with name = "${name}"`);
    const { namespace_id: id } = limit;
    if (EXAMPLE_RATE_LIMIT_IDS.has(id) || ratelimits.filter((each) => each.namespace_id === id).length > 1) {
      return failed(name, `choose another namespace_id than ${id}: Workers with the same id share a counter`);
    }
    return passed(name, `namespace_id ${id}`);
  });

const checkCrons = ({ triggers }: WranglerConfig): Finding => {
  const lines = triggers?.crons ?? [];
  const missing = Object.keys(CRON_JOBS).filter((line) => !lines.includes(line));
  const unknown = lines.filter((line) => !Object.hasOwn(CRON_JOBS, line));
  if (missing.length > 0) {
    return failed("crons", `add ${missing.map((line) => `"${line}"`).join(", ")}: retention or alerts would not run`);
  }
  if (unknown.length > 0) return failed("crons", `"${unknown.join('", "')}" has no job in worker/src/crons.ts`);
  return passed("crons", `${lines.length} lines`);
};

const checkRequiredSecrets = ({ secrets }: WranglerConfig): Finding => {
  const missing = REQUIRED_SECRETS.filter((name) => secrets?.required.includes(name) !== true);
  return missing.length === 0
    ? passed("secrets.required", "a deployment without these secrets fails")
    : failed("secrets.required", `add ${missing.join(", ")} to required in [secrets]`);
};

const checkCode = ({ limits, minify, keep_names }: WranglerConfig): readonly Finding[] => [
  limits?.cpu_ms === undefined
    ? failed("limits.cpu_ms", "add limits = { cpu_ms = 300_000 }: a live tail ends after 30 s of CPU time")
    : passed("limits.cpu_ms", `${limits.cpu_ms}; Cloudflare refuses it on the Workers Free plan, which is too small`),
  minify === true ? passed("minify", "on") : warned("minify", "add minify = true: the Worker starts faster"),
  keep_names === false
    ? passed("keep_names", "off")
    : warned("keep_names", "add keep_names = false: the Worker uses a tenth less CPU time for a log"),
];

const checkObservability = ({ observability }: WranglerConfig): Finding => {
  if (observability?.enabled !== true) {
    return failed("observability", "add [observability] with enabled = true: without it nothing records errors");
  }
  return observability.logs?.invocation_logs === false
    ? passed("observability", "on, without URLs")
    : failed(
        "observability",
        "set invocation_logs = false in [observability.logs]: URLs contain search texts and keys of apps",
      );
};

/** The variables whose form `find-env-problems.ts` defines. Secrets are checked elsewhere. */
const checkVariables = ({ vars }: WranglerConfig): readonly Finding[] =>
  findEnvProblems(vars)
    .filter((name) => Object.hasOwn(vars, name))
    .map((name) => failed(name, `"${String(vars[name])}" is malformed: see docs/reference/configuration.md`));

export const checkConfig = (config: WranglerConfig): readonly Finding[] => [
  ...checkFlags(config),
  ...checkPages(config),
  checkKv(config),
  ...checkRateLimits(config),
  checkCrons(config),
  checkRequiredSecrets(config),
  ...checkCode(config),
  checkObservability(config),
  ...checkVariables(config),
];
