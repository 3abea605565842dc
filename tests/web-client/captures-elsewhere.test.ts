/**
 * The captures of the built package where there is no page: on a server that renders pages, in a Web Worker and in a service worker.
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import packageJson from "../../web-client/package/package.json" with { type: "json" };
import { buildPackage } from "../support/build-package.ts";
import { startBrowser, type Browser } from "../support/browser.ts";
import { serveFiles, type ServedPage } from "../support/web-client/serve-page.ts";

const LIB = new URL("../../web-client/package/lib/", import.meta.url);
/** Files with captures, in the folder `lib`. */
const FILES = Object.entries(packageJson.exports).flatMap(([entry, { default: file }]) =>
  entry === "." || entry.startsWith("./captures/") ? file.replace("./lib/", "") : [],
);

/** A module that calls each capture and its end. `base` is the URL of the files, `report` sends the result to the test. */
const probeOf = (base: string, report: string): string => `
${FILES.map((file, i) => `import * as module${i} from "${base}${file}";`).join("\n")}
const { fetch } = globalThis;
const bodies = [];
const log = { url: "https://logs.example.com/logs", warn: (body) => bodies.push(body), error: (body) => bodies.push(body) };
const problems = [];
const captures = Object.entries(Object.assign({}, ${FILES.map((_file, i) => `module${i}`).join()}));
for (const [name, capture] of captures.filter(([name]) => /^capture|Breadcrumbs$/.test(name))) {
  try {
    const end = capture(log);
    if (name === "captureRequests") await globalThis.fetch("http://127.0.0.1:9/").catch(() => {});
    if (typeof end === "function") end();
    else end.stop();
  } catch (error) {
    problems.push(name + ": " + error);
  }
}
const called = captures.length - 1; // without createLogger
if (globalThis.fetch !== fetch) problems.push("fetch is still wrapped");
const result = { called, problems, bodies };
${report}
`;

let browser: Browser;
let site: ServedPage;
let page: Page;
beforeAll(async () => {
  await buildPackage("edgelog-web");
  const files = new Map<string, Uint8Array>();
  for (const path of globSync("**/*.js", { cwd: fileURLToPath(LIB) })) {
    files.set(`/${path}`, await readFile(new URL(path, LIB)));
  }
  files.set("/probe.js", Buffer.from(probeOf("/", "postMessage(result);")));
  // A service worker may not wait at its top level, so it calls the captures when the message of the page arrives.
  const [imports = "", calls = ""] = probeOf("/", "port.postMessage(result);").split("const { fetch } =");
  files.set(
    "/sw.js",
    Buffer.from(`${imports}
addEventListener("message", async ({ ports: [port] }) => { const { fetch } =${calls} });`),
  );
  site = await serveFiles(files, "<!doctype html><title>captures</title>");
  browser = await startBrowser();
  page = await browser.context.newPage();
  await page.goto(site.origin);
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
});

const WORKS = { called: 6, problems: [] };

it("captures log nothing on a server, and leave it as it is", () => {
  const probe = probeOf(LIB.href, "process.stdout.write(JSON.stringify(result));");
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", probe], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({ ...WORKS, bodies: [] });
});

it("captures work in a Web Worker, those of the page do nothing", async () => {
  const result = await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const worker = new Worker("/probe.js", { type: "module" });
        worker.addEventListener("message", ({ data }) => resolve(data));
        worker.addEventListener("error", ({ message }) => reject(new Error(message)));
      }),
  );
  expect(result).toEqual({ ...WORKS, bodies: ["GET http://127.0.0.1:9/ failed"] });
});

it("captures work in a service worker, which has no XMLHttpRequest", async () => {
  const result = await page.evaluate(async () => {
    await navigator.serviceWorker.register("/sw.js", { type: "module" });
    const { active } = await navigator.serviceWorker.ready;
    const { port1, port2 } = new MessageChannel();
    return new Promise((resolve) => {
      port1.onmessage = ({ data }) => resolve(data);
      active?.postMessage("", [port2]);
    });
  });
  expect(result).toEqual({ ...WORKS, bodies: ["GET http://127.0.0.1:9/ failed"] });
});
