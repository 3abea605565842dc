/**
 * Size budgets of the scripts that browsers load, compressed. For the console: all scripts in its HTML, without those that are
 * loaded on demand, such as mqtt.js and the pages of alerts and status.
 */
import { readFile } from "node:fs/promises";

const DIST = "web-client/dist";

const html = await readFile(`${DIST}/console/index.html`, "utf8");
const scripts = [...html.matchAll(/"(\/assets\/[\w.-]+\.js)"/g)].map(([, path]) => `${DIST}${path}`);
if (scripts.length === 0) throw new Error("The console's HTML references no script.");

export default [
  { name: "core", path: "web-client/package/lib/size/core.js", limit: "3.83 kB", gzip: true },
  { name: "script tag", path: "web-client/package/lib/edgelog.iife.js", limit: "14.61 kB", gzip: true },
  { name: "service worker", path: "web-client/package/lib/service-worker.js", limit: "12.58 kB", gzip: true },
  { name: "mqtt transport", path: "web-client/package/lib/mqtt.js", limit: "25 kB", gzip: true },
  { name: "console", path: scripts, limit: "90 kB", gzip: true },
];
