/**
 * Importing the package and creating a logger have no side effects: no connection, no timer, no changed global. Neither has a log where
 * nothing is sent, and it needs neither the clock nor random bits: Next.js does not prerender a component that reads them.
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import nodePackageJson from "../../web-client/node-package/package.json" with { type: "json" };
import webPackageJson from "../../web-client/package/package.json" with { type: "json" };
import { buildPackage, folderOf } from "../support/build-package.ts";

const probe = `
  const touched = [];
  for (const name of ["fetch", "setTimeout", "setInterval", "addEventListener", "queueMicrotask", "WebSocket"]) {
    globalThis[name] = () => { touched.push(name); };
  }
  Math.random = () => { touched.push("random"); return 0; };
  crypto.getRandomValues = (bits) => { touched.push("random bits"); return bits; };
  Date.now = () => { touched.push("clock"); return 0; };
  const before = Object.getOwnPropertyNames(globalThis).length;
  const { createLogger } = await import(process.argv[1]);
  const log = createLogger({ app: "shop", key: "k", endpoint: "http://127.0.0.1:9" });
  if (Object.getOwnPropertyNames(globalThis).length !== before) touched.push("globalThis");
  const created = [...touched];
  const id = log.info("rendered");
  log.setUser({ id: "u-1042" });
  await log.flush();
  process.stdout.write(JSON.stringify({ created, touched, id }));
`;

it("importing the package, creating a logger, and a log on a server have no side effects", () => {
  const entry = fileURLToPath(new URL("../../web-client/logger/index.ts", import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", probe, entry], {
    encoding: "utf8",
  });
  expect(stderr).toMatch(/^edgelog: Nothing is logged: .*\n$/);
  expect(JSON.parse(stdout)).toEqual({ created: [], touched: [], id: "" });
});

// For tools that do not read `exports`, such as TypeScript with `moduleResolution` `node10`.
it.each([webPackageJson, nodePackageJson])("$name: `main` and `types` are the main entry", async (packageJson) => {
  const { name, main, types, exports } = packageJson;
  expect({ types, default: main }).toEqual(exports["."]);
  await buildPackage(name as "edgelog-web" | "edgelog-node");
  const folder = folderOf(name as "edgelog-web" | "edgelog-node");
  for (const path of globSync("lib/types/**/*.d.ts", { cwd: folder })) {
    expect(readFileSync(join(folder, path), "utf8")).not.toContain('"#contract');
  }
});

it.each([
  ["edgelog-web", webPackageJson.exports],
  ["edgelog-node", nodePackageJson.exports],
] as const)("%s: require() loads all entries, which have no top-level await", async (name, entries) => {
  await buildPackage(name);
  const load = createRequire(import.meta.url);
  for (const { default: file } of Object.values(entries)) {
    // The entries for frameworks import the main entry by its name, which only an installed package has.
    if (/(react|vue|next|client|vite)\.js$/.test(file)) continue;
    expect(Object.keys(load(join(folderOf(name), file)) as object)).not.toEqual([]);
  }
});
