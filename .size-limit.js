/**
 * Budgets of what browsers load, compressed. Of the console it is all scripts that its page names: what comes later, on
 * demand, as mqtt.js does, is not among them.
 */
import { readFile } from "node:fs/promises";

const DIST = "web-client/dist";

const html = await readFile(`${DIST}/console/index.html`, "utf8");
const scripts = [...html.matchAll(/"(\/assets\/[\w.-]+\.js)"/g)].map(([, path]) => `${DIST}${path}`);
if (scripts.length === 0) throw new Error("The console's page names no script.");

export default [
  { name: "core", path: "web-client/package/lib/size/core.js", limit: "3.5 kB", gzip: true },
  { name: "mqtt transport", path: "web-client/package/lib/mqtt.js", limit: "25 kB", gzip: true },
  { name: "console", path: scripts, limit: "90 kB", gzip: true },
];
