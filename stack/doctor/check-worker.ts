/** Checks the Worker: whether it responds, its health, its clock and its pages. */
import { healthSchema, type HealthProblemCode } from "#contract/api/health.ts";
import { MAX_RELAY_CLOCK_SKEW_MS } from "#contract/wire/limits.ts";
import { failed, passed, warned, type Finding } from "../lib/finding.ts";
import { parseAs } from "./parse-response.ts";
import type { HttpResult, Probe } from "./probe.ts";
import type { DoctorTarget } from "./target.ts";

/** OpenSearch refuses a request that changes more than the block that is set. */
const ONE_BLOCK = "one with each request: docs/operate/runbook.md, remove a block";

const REMEDIES: Readonly<Record<HealthProblemCode, string>> = {
  opensearch_unavailable:
    "start OpenSearch, and check OPENSEARCH_URL, the tunnel and the password: `npm run deploy -- --check --secrets-file FILE`",
  cluster_blocked: `remove each block \`cluster.blocks.*\` from the cluster settings, ${ONE_BLOCK}`,
  index_creation_blocked:
    "free disk space before 95 %, from when on no log is stored: `npm run retention -- plan --days 30` lists the oldest indices. Below 90 % OpenSearch removes the block, unless someone else set it: docs/operate/runbook.md, remove a block",
  index_red: "start the node with the shard, or restore the index: docs/operate/backup.md",
  index_closed: "open the index: POST /INDEX/_open",
  disk_full:
    "free disk space on the nodes: `npm run retention -- plan --days 30` lists the oldest indices, `DELETE /INDEX` to OpenSearch deletes one, with its logs. OpenSearch then removes the block",
  index_blocked: `remove each block \`index.blocks.*\` from the settings of the index, ${ONE_BLOCK}`,
  apps_missing: "create an app, or restore KV: `npm run app -- import FILE`",
  apps_unreadable:
    "check the binding APPS and the status of Cloudflare; on one host, `kv.sqlite`: docs/operate/single-host.md, failures",
  clock_skew: "synchronize the clocks of the machines of OpenSearch and, on one host, of the Worker",
  templates_missing: "`node opensearch/setup.ts`; if the logs are lost as well, restore them: docs/operate/backup.md",
  quota_warning: "`npm run app -- usage` lists the apps",
};

/** A response that is not the Worker's. `undefined` if it can be. */
const explainOther = ({ status, headers }: HttpResult): string | undefined => {
  if (headers.has("cf-mitigated")) {
    return "Cloudflare's bot protection responds: see docs/operate/cloudflare.md, bot protection";
  }
  if (status >= 300 && status < 400) return "a login page responds: exclude the Worker's host from Access";
  if (status === 530 || status === 522) return `Cloudflare responds with ${status}: the host has no Worker`;
  return undefined;
};

const checkClock = ({ headers }: HttpResult, nowMs: number): readonly Finding[] => {
  const workerMs = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(workerMs) || Math.abs(workerMs - nowMs) <= MAX_RELAY_CLOCK_SKEW_MS) return [];
  const seconds = Math.round((nowMs - workerMs) / 1_000);
  return [failed("clock", `this machine's clock differs from the Worker's by ${seconds} s: synchronize it`)];
};

const checkHealth = (response: HttpResult): readonly Finding[] => {
  const other = explainOther(response);
  if (other !== undefined) return [failed("worker", other)];
  if (response.status === 500) {
    return [failed("worker", "a binding or secret is missing: its log names it (`npx wrangler tail`)")];
  }
  const health = parseAs(response.text, healthSchema);
  if (health === undefined) {
    return [failed("worker", `status ${response.status}; this is not the URL of an edgelog Worker`)];
  }
  const { status, problems, cluster = "unknown" } = health;
  if (problems.length === 0) return [passed("worker", `healthy, cluster ${cluster}`)];
  const report = status === "ok" ? warned : failed;
  return problems.map(({ code, message }) =>
    (code === "quota_warning" ? warned : report)(code, `${message} To do: ${REMEDIES[code]}`),
  );
};

const checkPages = async (probe: Probe, worker: string): Promise<Finding> => {
  const { status, text } = await probe.http(new URL("/console/", worker).href);
  return status === 200 && /<!doctype html>/i.test(text)
    ? passed("console", "is published")
    : failed("console", `status ${status}: it is not published. Run \`npm run deploy\``);
};

/** A failure with the name `worker` means that the Worker cannot be used at all. */
export const checkWorker = async (probe: Probe, { worker }: DoctorTarget): Promise<readonly Finding[]> => {
  try {
    const response = await probe.http(new URL("/healthz", worker).href);
    const findings = [...checkHealth(response), ...checkClock(response, probe.nowMs())];
    if (findings.some(({ name, result }) => name === "worker" && result === "failed")) return findings;
    return [...findings, await checkPages(probe, worker)];
  } catch (error) {
    return [failed("worker", `${worker} does not respond: ${error instanceof Error ? error.message : "unknown"}`)];
  }
};
