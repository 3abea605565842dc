/**
 * One configuration for all tests. Most files run at the same time: each starts its own servers on free ports, and some wait most
 * of the time. Afterwards the file that bounds response times runs, without others that start servers.
 *
 * The Worker runs in workerd. Some files run a second time with the Worker in Node.js, as on one host without Cloudflare.
 * `EDGELOG_RUNTIME=node` runs all of them, or those that match the arguments, in Node.js only.
 */
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

const ALL = ["{contract,worker,broker,opensearch,web-client,stack}/**/tests/**/*.test.ts", "tests/**/*.test.ts"];
const ALONE = ["tests/abuse/abuse.test.ts"];
/** Files without a stack. They run at the same time as those of {@link ALONE}, with the CPU time that these leave: more than half. */
const IN_BACKGROUND = ["{contract,worker}/**/tests/**/*.test.ts", "tests/web-client/mqtt-slim/packets.test.ts"];
const IN_NODE = ["tests/routes.test.ts", "tests/security/access.test.ts", "tests/tail/tail.test.ts"];
const WORKERS = 4;

/** Files that take half a minute and more, most of which they wait, the longest first. */
const WAITING = [
  "tests/web-client/durability.test.ts",
  "tests/chaos/chaos.test.ts",
  "tests/doctor.test.ts",
  "tests/read/usage.test.ts",
  "stack/tests/apps.test.ts",
  "tests/faults.test.ts",
  "tests/web-client/background-tabs.test.ts",
  "tests/console/accessibility.test.ts",
  "tests/field-cases/queries.test.ts",
];

/** Other files between two of {@link WAITING}. */
const BETWEEN = 10;

/**
 * Starts two of the files that wait, and each further one after some of the others: one that starts last would run on its own, and
 * several at once would leave the cores idle. Files of other groups stay behind.
 */
class SpreadWaiting extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const toWaitingRank = ({ moduleId, project }: TestSpecification): number =>
      project.config.sequence.groupOrder > 0 ? -1 : WAITING.findIndex((path) => moduleId.endsWith(`/${path}`));
    const sorted = (await super.sort(files)).toSorted(
      (a, b) => a.project.config.sequence.groupOrder - b.project.config.sequence.groupOrder,
    );
    const spread = sorted.filter((file) => toWaitingRank(file) === -1);
    const waiting = sorted.filter((file) => toWaitingRank(file) !== -1);
    waiting.sort((a, b) => toWaitingRank(a) - toWaitingRank(b));
    waiting.forEach((file, i) => spread.splice(i < 2 ? i : i + (i - 1) * BETWEEN, 0, file));
    return spread;
  }
}

const EXCLUDED = ["**/node_modules/**", "web-client/package/lib/**"];

const project = (
  name: string,
  test: NonNullable<TestProjectInlineConfiguration["test"]>,
): TestProjectInlineConfiguration => ({ extends: true, test: { name, ...test } });

const inNode = project("in Node.js", {
  include: IN_NODE,
  env: { EDGELOG_RUNTIME: "node" },
  maxWorkers: WORKERS,
  sequence: { groupOrder: 0 },
});

export default defineConfig({
  test: {
    globalSetup: "tests/support/global-setup.ts",
    setupFiles: ["tests/support/print-logs.ts"],
    sequence: { sequencer: SpreadWaiting },
    testTimeout: 120_000,
    hookTimeout: 300_000,
    // Upper bound for slow browsers and servers; polls end as soon as their condition is met.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      project("in workerd", {
        include: ALL,
        exclude: [...EXCLUDED, ...ALONE, ...IN_BACKGROUND],
        maxWorkers: WORKERS,
        sequence: { groupOrder: 0 },
      }),
      ...(process.env["EDGELOG_RUNTIME"] === "node" ? [] : [inNode]),
      project("alone", { include: ALONE, maxWorkers: 3, sequence: { groupOrder: 1 } }),
      project("in the background", {
        include: IN_BACKGROUND,
        setupFiles: ["tests/support/low-priority.ts"],
        maxWorkers: 3,
        sequence: { groupOrder: 1 },
      }),
    ],
  },
});
