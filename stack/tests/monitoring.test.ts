/**
 * The files for Prometheus and Grafana name existing metrics, and each alert has an entry in the runbook. If promtool is installed (on the
 * PATH, or its path in PROMTOOL), it checks the rules, the scrape configuration, and the expressions of the dashboard.
 */
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { Counter } from "prom-client";
import { describe, expect, it } from "vitest";
import { createMetrics } from "../../broker/relay/src/metrics.ts";
import { PREFIX } from "../../worker/src/metrics/exposition.ts";
import { toMetrics } from "../../worker/src/metrics/to-metrics.ts";
import { hasPromtool, PROMTOOL, SUCCESS, testAlert } from "../../tests/support/promtool.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";

const read = (path: string): string => readFileSync(join(ROOT_DIR, path), "utf8");

const rules = read("deploy/prometheus/rules.yml");
const dashboard = JSON.parse(read("deploy/grafana/edgelog.json")) as {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
};
const runbook = read("docs/operate/runbook.md");

const alerts = [...rules.matchAll(/^\s*- alert: (\w+)/gm)].map(([, name]) => name ?? "");
const expressions = [
  ...[...rules.matchAll(/^\s*expr: (.+)$/gm)].map(([, expression]) => expression ?? ""),
  ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
];

/** Metrics of Prometheus itself, of Node.js by default, and of blackbox_exporter. */
const OTHER_METRICS = ["up", "probe_success", "probe_ssl_earliest_cert_expiry", "process_resident_memory_bytes"];

const NOW = "2026-11-29T12:00:00.000Z";

const { registry } = createMetrics(
  () => {
    throw new Error("not read");
  },
  () => new Map(),
);

const readMetrics = (): ReadonlySet<string> => {
  const ofWorker = toMetrics({
    checkedAt: NOW,
    health: { status: "ok", opensearch: "up", checkedAt: NOW, problems: [] },
  });
  return new Set([
    ...registry.getMetricsAsArray().map(({ name }) => name),
    ...ofWorker.map(({ name }) => `${PREFIX}${name}`),
  ]);
};

describe("monitoring", () => {
  it.each(alerts)("%s has an entry in the runbook, and links to it", (alert) => {
    expect(runbook).toContain(`### ${alert}\n`);
    expect(rules).toContain(`runbook: docs/operate/runbook.md#${alert.toLowerCase()}`);
  });

  it("the runbook has no entry of an alert that does not exist", () => {
    const entries = [...runbook.matchAll(/^### (Edgelog\w+)$/gm)].map(([, name]) => name);
    expect(entries).toEqual(alerts);
  });

  it("docs/operate/README.md names each metric of the Worker", () => {
    const page = read("docs/operate/README.md").replaceAll("`…_", `\`${PREFIX}`);
    const missing = [...readMetrics()].filter((name) => name.startsWith(PREFIX) && !page.includes(`\`${name}\``));
    expect(missing).toEqual([]);
  });

  it("rules and dashboard name existing metrics", () => {
    const metrics = readMetrics();
    const names = new Set(
      expressions.flatMap((expression) => expression.match(/\b(?:edgelog|probe|process)_\w+/g) ?? []),
    );
    expect(names.size).toBeGreaterThan(15);
    expect([...names].filter((name) => !metrics.has(name) && !OTHER_METRICS.includes(name))).toEqual([]);
  });
});

/** The jobs of the scrape configuration, and those that use blackbox_exporter. */
const jobs = [...read("deploy/prometheus/prometheus.yml").matchAll(/^ {2}- job_name: (\S+)\n(?: {4}.*\n)*/gm)].map(
  ([section, job = ""]) => ({ job, isProbe: section.includes("metrics_path: /probe") }),
);

describe("a part that cannot be monitored", () => {
  it("is alerted: a job without targets, or whose targets do not respond", () => {
    expect(jobs.map(({ job }) => job)).toContain("edgelog-broker");
    for (const { job } of jobs) expect(rules).toContain(`up{job="${job}"} == 0 or absent(up{job="${job}"})`);
  });

  it("is alerted: a failed probe. Its other metrics, such as the expiry of the certificate, then do not exist", () => {
    const probed = jobs.filter(({ isProbe }) => isProbe).map(({ job }) => job);
    expect(probed).toEqual(["edgelog-worker", "edgelog-broker"]);
    for (const job of probed) expect(rules).toContain(`expr: probe_success{job="${job}"} == 0\n`);
  });
});

/** The alerts on a single count: for each its name, and the series and the period of `increase`. */
const countAlerts = [...rules.matchAll(/- alert: (\w+).*\n\s*expr: .*?increase\((\w+)(\{.*?\})?\[(\w+)\]\) > 0/g)]
  .map(([, alert = "", metric = "", labels = "", period = ""]) => ({ alert, metric, labels, period }))
  // Gauges do not start again with the relay, and have no labels.
  .filter(({ metric }) => registry.getSingleMetric(metric) instanceof Counter);

describe("an alert on a single count", () => {
  it("exists for losses, set-aside messages and a refused relay", () => {
    expect(countAlerts.map(({ alert }) => alert)).toEqual([
      "EdgelogSessionLost",
      "EdgelogMessagesRefused",
      "EdgelogRelayDenied",
      "EdgelogMessagesSetAside",
    ]);
  });

  it.each(countAlerts)("counts a new series, which has no increase: $alert", ({ metric, labels, period }) => {
    const series = `${metric}${labels}`;
    expect(rules).toContain(
      `expr: increase(${series}[${period}]) > 0 or (${series} unless count_over_time(${series}[1h] offset ${period})) > 0`,
    );
  });
});

if (!hasPromtool) console.warn("Skipped: promtool is not installed; see docs/operate/README.md#alert-rules.");

describe.skipIf(!hasPromtool)("promtool", () => {
  /** The output. Throws if promtool finds a problem. */
  const check = async (...args: readonly string[]): Promise<string> =>
    (await execa(PROMTOOL, ["check", ...args], { cwd: ROOT_DIR })).stdout;

  it("accepts the rules and the scrape configuration", async () => {
    const options = ["--lint=all", "--lint-fatal"];
    expect(await check("rules", ...options, "deploy/prometheus/rules.yml")).toContain(`${alerts.length} rules found`);
    expect(await check("config", "--syntax-only", "deploy/prometheus/prometheus.yml")).toContain("SUCCESS");
  });

  const seriesOf = (metric: string): string => `${metric}{app="shop",failure="denied"}`;

  it.each(countAlerts)(
    "fires once for the first count of a new series, and for the next one: $alert",
    async ({ alert, metric }) => {
      // Absent for two hours, then 1 for three hours, then 2.
      const series = { [seriesOf(metric)]: "_x119 1x179 2x120" };
      expect(await testAlert(alert, series, { 60: 0, 122: 1, 200: 0, 302: 1, 380: 0 })).toMatch(SUCCESS);
    },
  );

  it.each(countAlerts)("does not fire after a gap of 20 minutes without samples: $alert", async ({ alert, metric }) => {
    // Samples until minute 119, and from minute 140 on.
    const minutes = Array.from({ length: 120 }, (_, i) => [121 + i, 0] as const);
    const series = { [seriesOf(metric)]: "1x119 _x20 1x120" };
    expect(await testAlert(alert, series, Object.fromEntries(minutes))).toMatch(SUCCESS);
  });

  it("accepts the expressions of the dashboard", async () => {
    const dir = await mkdtemp(join(tmpdir(), "edgelog-promtool-"));
    const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    const rulesOfQueries = queries.map((expr, i) => ({ record: `dashboard:query_${i}`, expr }));
    // JSON is YAML.
    await writeFile(join(dir, "rules.yml"), JSON.stringify({ groups: [{ name: "dashboard", rules: rulesOfQueries }] }));
    expect(await check("rules", join(dir, "rules.yml"))).toContain(`${queries.length} rules found`);
    await rm(dir, { recursive: true });
  });
});
