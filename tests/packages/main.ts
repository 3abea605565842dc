/**
 * `npm run test:packages [NAME …]`: installs the packages, as documented, in fresh projects, with frameworks and versions of Node.js from the npm registry,
 * and reports the logs that are found for each. Exits with 1 unless all are found.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { startBrowser } from "../support/browser.ts";
import { NEXT, NODE, SCRIPT_TAG, VITE_REACT, VITE_VUE } from "../support/packages/project.ts";
import { buildPackages, installFromRegistry, runProject } from "../support/packages/run-project.ts";
import { startTestStack } from "../support/test-stack.ts";

const PROJECTS = [SCRIPT_TAG, VITE_REACT, VITE_VUE, NEXT, NODE];
const NODE_VERSIONS = ["20", "22", "24"];

const folder = await mkdtemp(join(tmpdir(), "edgelog-packages-"));

/** Installs versions of Node.js from the packages that contain only the program; returns their paths. */
const installNodes = async (): Promise<string[]> => {
  const name = `node-${process.platform}-${process.arch}`;
  const paths: string[] = [];
  for (const version of NODE_VERSIONS) {
    const prefix = join(folder, `node${version}`);
    await execa("npm", ["install", "--no-audit", "--no-fund", "--prefix", prefix, `${name}@${version}`]);
    paths.push(join(prefix, "node_modules", name, "bin/node"));
  }
  return paths;
};

const names = process.argv.slice(2);
const chosen = PROJECTS.filter(({ name }) => names.length === 0 || names.some((each) => name.includes(each)));
let failures = 0;
try {
  await buildPackages();
  const nodes = chosen.includes(NODE) ? await installNodes() : [];
  await using stack = await startTestStack();
  await using browser = await startBrowser();
  console.log("| project | found | expected | verdict | seconds |\n|---|---:|---:|---|---:|");
  for (const project of chosen) {
    const startMs = Date.now();
    let runs: readonly (readonly string[])[] = [];
    let problem = "";
    try {
      runs = await runProject(project, { stack, browser, install: installFromRegistry, nodes });
    } catch (error) {
      problem = String(error);
    }
    if (runs.length === 0) runs = [[]];
    for (const [i, found] of runs.entries()) {
      const isGood =
        found.length === project.logs.length && project.logs.every((text, j) => found[j]?.includes(text) === true);
      if (!isGood) failures += 1;
      const name = project === NODE ? `${project.name} ${NODE_VERSIONS[i] ?? ""}` : project.name;
      const seconds = ((Date.now() - startMs) / 1_000).toFixed(0);
      console.log(`| ${name} | ${found.length} | ${project.logs.length} | ${isGood ? "ok" : "failed"} | ${seconds} |`);
      if (!isGood) console.log(problem || JSON.stringify(found));
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;
