/**
 * The packages in projects that need no installation from the registry: a script tag, and Node.js. `npm run test:packages` runs them
 * and the projects of frameworks with packages from the registry. Both install ours as documented.
 */
import { lstat, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startBrowser, type Browser } from "../support/browser.ts";
import { NODE, SCRIPT_TAG } from "../support/packages/project.ts";
import { buildPackages, installLinked, runProject } from "../support/packages/run-project.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  await buildPackages();
  stack = await startTestStack();
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
});

// Bundlers resolve the imports of a linked package from its own folder: Next.js does not find it, and pages have React twice.
it("the documented commands copy the packages instead of linking them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "edgelog-documented-"));
  try {
    await writeFile(join(folder, "package.json"), "{}");
    await installLinked(folder, []);
    for (const name of ["edgelog-web", "edgelog-node"]) {
      expect((await lstat(join(folder, "node_modules", name))).isDirectory()).toBe(true);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it.each([SCRIPT_TAG, NODE])("$name: all logs are found", async (project) => {
  const options = { stack, browser, install: installLinked, nodes: [process.execPath] };
  const [found = []] = await runProject(project, options);
  expect(found).toEqual(project.logs.map((text) => expect.stringContaining(text)));
});
