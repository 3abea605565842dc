/**
 * One configuration for all tests. Most files run two at a time: each starts its own servers on free ports and waits for them
 * half of the time. Files that bound response times or memory run alone afterwards.
 *
 * The Worker runs in workerd. Some files run a second time with the Worker in Node.js, as on one host without Cloudflare.
 * `EDGELOG_RUNTIME=node` runs all of them, or those that match the arguments, in Node.js only.
 */
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

const ALL = ["{contract,worker,broker,opensearch,web-client,stack}/**/tests/**/*.test.ts", "tests/**/*.test.ts"];
const ALONE = [
  "tests/abuse/**/*.test.ts",
  "tests/chaos/**/*.test.ts",
  "tests/faults.test.ts",
  "tests/worker-memory.test.ts",
];
const IN_NODE = ["tests/routes.test.ts", "tests/security/access.test.ts", "tests/tail/tail.test.ts"];
const EXCLUDED = ["**/node_modules/**", "web-client/package/lib/**"];

const project = (
  name: string,
  test: NonNullable<TestProjectInlineConfiguration["test"]>,
): TestProjectInlineConfiguration => ({ extends: true, test: { name, ...test } });

const inNode = project("in Node.js", {
  include: IN_NODE,
  env: { EDGELOG_RUNTIME: "node" },
  maxWorkers: 2,
  sequence: { groupOrder: 0 },
});

export default defineConfig({
  test: {
    globalSetup: "tests/support/global-setup.ts",
    testTimeout: 60_000,
    hookTimeout: 180_000,
    // Upper bound for slow browsers and servers; polls end as soon as their condition is met.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      project("two at a time", {
        include: ALL,
        exclude: [...EXCLUDED, ...ALONE],
        maxWorkers: 2,
        sequence: { groupOrder: 0 },
      }),
      ...(process.env["EDGELOG_RUNTIME"] === "node" ? [] : [inNode]),
      project("alone", { include: ALONE, exclude: EXCLUDED, maxWorkers: 1, sequence: { groupOrder: 1 } }),
    ],
  },
});
