/**
 * The declarations of the packed packages, in a project that has no other package installed; for the entries for frameworks, in one
 * with the frameworks, and for Node.js, in one with its types.
 */
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildPackage, folderOf, type PackageName } from "../support/build-package.ts";
import packageJson from "../../web-client/package/package.json" with { type: "json" };

const PACKAGE = fileURLToPath(new URL("../../web-client/package/", import.meta.url));
const REPOSITORY = join(PACKAGE, "../..");
const TSC = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");

const entriesOf = (isFramework: boolean): string[] =>
  Object.entries(packageJson.exports).flatMap(([entry, { types }]) =>
    types.includes("/frameworks/") === isFramework ? entry : [],
  );

/** Calls the main entry with the types that other packages' types could hide in, and imports all entries. */
const CONSUMER = `
import { createLogger, type Logger, type MqttConnect, type Settlement } from "edgelog-web";
import { createSampler } from "edgelog-web/sampler";
${entriesOf(false)
  .map((entry, i) => `import * as entry${i} from "${entry.replace(".", "edgelog-web")}";\nexport { entry${i} };`)
  .join("\n")}
declare const connectMqtt: MqttConnect;
const log: Logger = createLogger({ app: "shop", key: "elk_x", connectMqtt, beforeSend: createSampler({ sessions: 1 }) });
const id: string = log.info("Order placed", { "order.id": 17 });
log.onSettled((settlements: readonly Settlement[]) => settlements.some((one) => one.id === id));
const stored: Promise<boolean | undefined> = log.flush();
export { stored };
// @ts-expect-error -- attributes are an object
log.info("Order placed", 17);
// @ts-expect-error -- without app and key
createLogger({});
`;

/** Uses the entries for frameworks with the types of the frameworks. */
const FRAMEWORK_CONSUMER = `
import { createElement } from "react";
import { createApp } from "vue";
import { defineConfig } from "vite";
import { createLogger } from "edgelog-web";
import { Edgelog } from "edgelog-web/next/client";
import { createOnRequestError } from "edgelog-web/next";
import { EdgelogBoundary, EdgelogProvider, useLogger } from "edgelog-web/react";
import { createEdgelog } from "edgelog-web/vue";
import { edgelog } from "edgelog-web/vite";
${entriesOf(true)
  .map((entry, i) => `import * as entry${i} from "${entry.replace(".", "edgelog-web")}";\nexport { entry${i} };`)
  .join("\n")}
const logger = createLogger({ app: "shop", key: "elk_x" });
const Cart = () => createElement("p", { onClick: () => useLogger({ component: "cart" }).info("click") });
export const tree = createElement(EdgelogProvider, { logger }, createElement(EdgelogBoundary, { fallback: "No" }, createElement(Cart)));
export const page = createElement(Edgelog, { app: "shop", appKey: "elk_x" }, tree);
export const app = createApp({}).use(createEdgelog(logger));
export const onRequestError = createOnRequestError({ app: "shop", key: "elk_x" });
export default defineConfig({ plugins: [edgelog({ release: "1" })] });
`;

/** Uses all entries of `edgelog-node`. */
const NODE_CONSUMER = `
import { createLogger } from "edgelog-node";
import createTransport from "edgelog-node/pino";
import { EdgelogTransport } from "edgelog-node/winston";
const logger = createLogger({ app: "shop", key: "elk_x", endpoint: "https://logs.example.com" });
export const transports = [new EdgelogTransport({ logger }), createTransport];
`;
const NODE_PACKAGES = ["winston-transport", "logform", "@types/triple-beam", "@types/node", "undici-types"];
const FRAMEWORK_PACKAGES = ["react", "vue", "vite", "csstype", "@types/react", "@types/node", "undici-types"];

let project: string;
let installed: string;
beforeAll(async () => {
  const run = promisify(execFile);
  project = await mkdtemp(join(tmpdir(), "edgelog-consumer-"));
  const install = async (name: PackageName): Promise<string> => {
    await buildPackage(name);
    const folder = join(project, "node_modules", name);
    await mkdir(folder, { recursive: true });
    const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", project], { cwd: folderOf(name) });
    const { filename } = (JSON.parse(stdout) as { filename: string }[])[0] ?? { filename: "" };
    await run("tar", ["-xzf", join(project, filename), "--strip-components=1", "-C", folder]);
    return folder;
  };
  installed = await install("edgelog-web");
  await install("edgelog-node");
  await writeFile(join(project, "package.json"), '{ "type": "module" }');
  await writeFile(join(project, "consumer.ts"), CONSUMER);
});
afterAll(async () => {
  if (project !== undefined) await rm(project, { recursive: true, force: true });
});

/** The compiler's messages; empty if there are none. */
const compile = async (module: string, moduleResolution: string, file: string, more: object = {}): Promise<string> => {
  const compilerOptions = {
    module,
    moduleResolution,
    target: "es2022",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    types: [],
    ...more,
  };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
  return promisify(execFile)(process.execPath, [TSC, "-p", project]).then(
    () => "",
    ({ stdout }: { stdout: string }) => stdout,
  );
};

it.each([
  ["node16", "node16"],
  ["esnext", "bundler"],
])("type-check without skipLibCheck (module %s, moduleResolution %s)", async (module, moduleResolution) => {
  expect(await compile(module, moduleResolution, "consumer.ts")).toBe("");
});

/** Links packages of this repository into the project. */
const link = async (names: readonly string[]): Promise<void> => {
  for (const name of names) {
    const target = join(project, "node_modules", name);
    await mkdir(dirname(target), { recursive: true });
    await rm(target, { force: true });
    await symlink(join(REPOSITORY, "node_modules", name), target);
  }
};

it("type-check in a service worker, with the example of the README", async () => {
  const readme = await readFile(join(PACKAGE, "README.md"), "utf8");
  const [, example = ""] = /```ts\n(import [^`]*"edgelog-web\/service-worker";[^`]*)```/.exec(readme) ?? [];
  expect(example).toContain("waitUntil");
  await writeFile(join(project, "service-worker.ts"), example);
  expect(await compile("nodenext", "nodenext", "service-worker.ts", { lib: ["es2022", "webworker"] })).toBe("");
});

it("type-check in Node.js, without the types of the DOM", async () => {
  await link(NODE_PACKAGES);
  await writeFile(join(project, "node.ts"), NODE_CONSUMER);
  expect(await compile("nodenext", "nodenext", "node.ts", { lib: ["es2022"], types: ["node"] })).toBe("");
});

it("type-check with the frameworks", async () => {
  await link(FRAMEWORK_PACKAGES);
  await writeFile(join(project, "frameworks.ts"), FRAMEWORK_CONSUMER);
  // The declarations of the frameworks are not ours to check.
  expect(await compile("esnext", "bundler", "frameworks.ts", { skipLibCheck: true })).toBe("");
});

it("depend on no other package, except optional ones in their own entries", async () => {
  const imported = new Set<string>();
  for (const path of globSync("**/*.d.ts", { cwd: installed })) {
    for (const [, name = ""] of (await readFile(join(installed, path), "utf8")).matchAll(
      /(?:from|import\() ?"([^".#][^"]*)"/g,
    ))
      imported.add(name);
  }
  expect([...imported].filter((name) => !Object.hasOwn(packageJson.peerDependencies, name))).toEqual([]);
});
