/**
 * The packed packages in projects that need no installation from the registry: a script tag, and Node.js. `npm run test:packages` runs them
 * and the projects of frameworks with packages from the registry.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startBrowser, type Browser } from "../support/browser.ts";
import { NODE, SCRIPT_TAG } from "../support/packages/project.ts";
import { installLinked, packPackages, runProject, type Tarballs } from "../support/packages/run-project.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";

let stack: TestStack;
let browser: Browser;
let tarballs: Tarballs;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgelog-packed-"));
  tarballs = await packPackages(folder);
  stack = await startTestStack();
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

it.each([SCRIPT_TAG, NODE])("$name: all logs are found", async (project) => {
  const options = { stack, browser, tarballs, install: installLinked, nodes: [process.execPath] };
  const [found = []] = await runProject(project, options);
  expect(found).toEqual(project.logs.map((text) => expect.stringContaining(text)));
});
