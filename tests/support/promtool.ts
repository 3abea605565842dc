/** Runs promtool, which tests Prometheus' rules, if it is installed: see docs/operate/README.md#alert-rules. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { ROOT_DIR } from "../../stack/lib/state-dir.ts";

/** The program. Default of `PROMTOOL`: the one on the PATH. */
export const PROMTOOL = process.env["PROMTOOL"] ?? "promtool";

export const hasPromtool = !(await execa(PROMTOOL, ["--version"], { reject: false })).failed;

/** Matches the output of {@link testAlert} if all expectations are met. */
export const SUCCESS = /SUCCESS\s*$/;

/** The samples of each series, one a minute, in promtool's notation. */
export type SeriesByName = Readonly<Record<string, string>>;

/**
 * The output of promtool for an alert of deploy/prometheus/rules.yml.
 *
 * @param firing The number of firing alerts in each of these minutes.
 */
export const testAlert = async (
  alert: string,
  series: SeriesByName,
  firing: Readonly<Record<number, number>>,
): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), "edgelog-promtool-"));
  const expectations = Object.entries(firing).map(([minutes, count]) => ({
    expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) or vector(0)`,
    eval_time: `${minutes}m`,
    exp_samples: [{ labels: "{}", value: count }],
  }));
  const input_series = Object.entries(series).map(([name, values]) => ({ series: name, values }));
  const tests = [{ interval: "1m", input_series, promql_expr_test: expectations }];
  const rule_files = [join(ROOT_DIR, "deploy/prometheus/rules.yml")];
  const file = join(dir, "test.yml");
  await writeFile(file, JSON.stringify({ rule_files, evaluation_interval: "1m", tests }));
  const result = await execa(PROMTOOL, ["test", "rules", file], { reject: false, all: true });
  await rm(dir, { recursive: true });
  return result.all;
};
