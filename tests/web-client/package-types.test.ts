/**
 * The declarations of the packed package, in a project that has no other package installed; for the entries for frameworks, in one
 * with the frameworks.
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
import { buildPackage } from "../support/build-package.ts";
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
const FRAMEWORK_PACKAGES = ["react", "vue", "vite", "csstype", "@types/react", "@types/node", "undici-types"];

let project: string;
let installed: string;
beforeAll(async () => {
  const run = promisify(execFile);
  await buildPackage("edgelog-web");
  project = await mkdtemp(join(tmpdir(), "edgelog-consumer-"));
  installed = join(project, "node_modules", "edgelog-web");
  await mkdir(installed, { recursive: true });
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", project], { cwd: PACKAGE });
  const { filename } = (JSON.parse(stdout) as { filename: string }[])[0] ?? { filename: "" };
  await run("tar", ["-xzf", join(project, filename), "--strip-components=1", "-C", installed]);
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

it("type-check with the frameworks", async () => {
  for (const name of FRAMEWORK_PACKAGES) {
    const target = join(project, "node_modules", name);
    await mkdir(dirname(target), { recursive: true });
    await symlink(join(REPOSITORY, "node_modules", name), target);
  }
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
