/**
 * A fresh project that uses the packed packages, and the logs that it must produce.
 */

/** Values that the files of a project contain. */
export interface ProjectOptions {
  readonly app: string;
  readonly key: string;
  /** URL of the Worker. */
  readonly endpoint: string;
  /** URL of MQTT over TLS. */
  readonly mqtts: string;
  /** Origin that serves the files of the packages, like a CDN. */
  readonly cdn: string;
  /** Hashes of the files for script tags, by their names. */
  readonly integrity: Readonly<Record<string, string>>;
  /** Attribute `project` of all logs. */
  readonly marker: string;
}

export interface Project {
  readonly name: string;
  /** Packages in addition to ours, as for `npm install`. */
  readonly dependencies: readonly string[];
  readonly files: (options: ProjectOptions) => Readonly<Record<string, string>>;
  /** Arguments of `npx`. */
  readonly build?: readonly string[];
  readonly run:
    /** A folder that is served and opened in Chromium. */
    | { readonly kind: "page"; readonly folder: string }
    /** Arguments of `npx` that start a server on a port. Its first page is opened in Chromium after requests to paths that fail. */
    | {
        readonly kind: "server";
        readonly start: (port: number) => readonly string[];
        readonly failing: readonly string[];
      }
    /** A program, run by each of these versions of Node.js. */
    | { readonly kind: "node"; readonly file: string };
  /** Parts of the texts of the logs, in alphabetical order. */
  readonly logs: readonly string[];
}

/** The part of a module that creates the logger, for pages. */
const createPageLogger = ({ app, key, endpoint, marker }: ProjectOptions, more = ""): string =>
  `createLogger({ app: ${JSON.stringify(app)}, key: ${JSON.stringify(key)}, endpoint: ${JSON.stringify(endpoint)}, transport: "http", attributes: { project: ${JSON.stringify(marker)} }${more} })`;

/** Calls that a page makes when it has logged: the test waits for the title. */
const FINISH = `globalThis.setTimeout(async () => { document.title = (await log.flush()) ? "stored" : "lost"; }, 500);`;

export const SCRIPT_TAG: Project = {
  name: "script tag",
  dependencies: [],
  files: (options) => {
    const tag = (file: string): string =>
      `<script src="${options.cdn}/${file}" integrity="${options.integrity[file]}" crossorigin="anonymous"></script>`;
    return {
      "index.html": `<!doctype html><title>waits</title>
${tag("edgelog-mqtt.iife.js")}
${tag("edgelog.iife.js")}
<script>
  const overHttp = edgelog.${createPageLogger(options)};
  const overMqtt = edgelog.${createPageLogger(options).replace('"http"', '"mqtt"')};
  edgelog.captureErrors(overHttp);
  overHttp.info("by script tag over http");
  overMqtt.info("by script tag over mqtt");
  setTimeout(() => { throw new TypeError("uncaught by script tag"); });
  setTimeout(async () => {
    const stored = [await overHttp.flush(), await overMqtt.flush(), overMqtt.status.transport === "mqtt"];
    document.title = stored.every(Boolean) ? "stored" : "lost";
  }, 500);
</script>`,
    };
  },
  run: { kind: "page", folder: "." },
  logs: ["TypeError: uncaught by script tag", "by script tag over http", "by script tag over mqtt"],
};

export const VITE_REACT: Project = {
  name: "Vite and React",
  dependencies: ["vite@8", "@vitejs/plugin-react@6", "react@19", "react-dom@19"],
  files: ({ endpoint, app, key, marker }) => ({
    "package.json": JSON.stringify({
      name: "shop",
      version: "3.2.1",
      type: "module",
      scripts: { build: "vite build" },
    }),
    "vite.config.js": `
import react from "@vitejs/plugin-react";
import { edgelog } from "edgelog-web/vite";
export default { plugins: [react(), edgelog({ endpoint: ${JSON.stringify(endpoint)} })] };`,
    "index.html": `<!doctype html><title>waits</title><div id="root"></div><script type="module" src="/main.jsx"></script>`,
    "main.jsx": `
import { useEffect } from "react";
import { createRoot } from "react-dom/client";
import { createLogger } from "edgelog-web";
import { EdgelogBoundary, EdgelogProvider, useLogger } from "edgelog-web/react";
const { VITE_EDGELOG_ENDPOINT: endpoint, VITE_EDGELOG_RELEASE: release } = import.meta.env;
const log = createLogger({ app: ${JSON.stringify(app)}, key: ${JSON.stringify(key)}, endpoint, release, transport: "http",
  attributes: { project: ${JSON.stringify(marker)} } });
log.info("release " + release);
const Cart = () => {
  const cartLog = useLogger({ component: "cart" });
  useEffect(() => void cartLog.info("by React hook"), [cartLog]);
  return <p>Cart</p>;
};
const Broken = () => { throw new TypeError("by React boundary"); };
createRoot(document.getElementById("root")).render(
  <EdgelogProvider logger={log}>
    <Cart />
    <EdgelogBoundary fallback={<p>Sorry.</p>}><Broken /></EdgelogBoundary>
  </EdgelogProvider>,
);
${FINISH}`,
  }),
  build: ["npm", "run", "build"],
  run: { kind: "page", folder: "dist" },
  logs: ["TypeError: by React boundary", "by React hook", "release 3.2.1"],
};

export const VITE_VUE: Project = {
  name: "Vite and Vue",
  dependencies: ["vite@8", "@vitejs/plugin-vue@6", "vue@3"],
  files: (options) => ({
    "package.json": JSON.stringify({
      name: "shop",
      version: "1.0.0",
      type: "module",
      scripts: { build: "vite build" },
    }),
    "vite.config.js": `
import vue from "@vitejs/plugin-vue";
export default { plugins: [vue()] };`,
    "index.html": `<!doctype html><title>waits</title><div id="app"></div><script type="module" src="/main.js"></script>`,
    "main.js": `
import { createApp } from "vue";
import { createLogger } from "edgelog-web";
import { createEdgelog } from "edgelog-web/vue";
import App from "./App.vue";
const log = ${createPageLogger(options)};
createApp(App).use(createEdgelog(log)).mount("#app");
${FINISH}`,
    "App.vue": `
<script setup>
import { onMounted } from "vue";
import { useLogger } from "edgelog-web/vue";
const log = useLogger({ component: "cart" });
log.info("by Vue composable");
onMounted(() => { throw new TypeError("by Vue error handler"); });
</script>
<template><p>Cart</p></template>`,
  }),
  build: ["npm", "run", "build"],
  run: { kind: "page", folder: "dist" },
  logs: ["TypeError: by Vue error handler", "by Vue composable"],
};

export const NEXT: Project = {
  name: "Next.js",
  dependencies: ["next@16", "react@19", "react-dom@19"],
  files: ({ app, key, endpoint, marker }) => {
    const common = `app: ${JSON.stringify(app)}, endpoint: ${JSON.stringify(endpoint)}, attributes: { project: ${JSON.stringify(marker)} }`;
    return {
      "package.json": JSON.stringify({ name: "shop", version: "1.0.0", scripts: { build: "next build" } }),
      // As create-next-app writes it. Components may then not read the clock while the server renders them.
      "next.config.mjs": `export default { cacheComponents: true };`,
      "instrumentation.js": `
import { createOnRequestError } from "edgelog-web/next";
export const onRequestError = createOnRequestError({ key: ${JSON.stringify(key)}, ${common} });`,
      "app/layout.jsx": `
import { Edgelog } from "edgelog-web/next/client";
export default function Layout({ children }) {
  return <html><body><Edgelog appKey=${JSON.stringify(key)} transport="http" {...{ ${common} }}>{children}</Edgelog></body></html>;
}`,
      "app/page.jsx": `
import { Cart } from "./cart.jsx";
export default function Page() { return <Cart />; }`,
      "app/cart.jsx": `
"use client";
import { useEffect, useState } from "react";
import { EdgelogBoundary, useLogger } from "edgelog-web/next/client";
const Broken = () => {
  const [isMounted, setIsMounted] = useState(false);
  useEffect(() => setIsMounted(true), []);
  if (isMounted) throw new TypeError("by Next boundary");
  return null;
};
export const Cart = () => {
  const log = useLogger();
  if (typeof window === "undefined") log.info("not logged: rendered on the server");
  useEffect(() => { log.info("by Next client component"); ${FINISH} }, [log]);
  return <EdgelogBoundary fallback={<p>Sorry.</p>}><Broken /></EdgelogBoundary>;
};`,
      "app/failing/route.js": `
import { connection } from "next/server";
export async function GET() {
  await connection(); // not while it is built
  throw new RangeError("by Next route handler");
}`,
    };
  },
  build: ["npm", "run", "build"],
  run: { kind: "server", start: (port) => ["next", "start", "-p", String(port)], failing: ["/failing"] },
  logs: ["RangeError: by Next route handler", "TypeError: by Next boundary", "by Next client component"],
};

export const NODE: Project = {
  name: "Node.js",
  dependencies: ["pino@10", "winston@3", "mqtt@5"],
  files: ({ app, key, endpoint, mqtts, marker }) => ({
    "package.json": JSON.stringify({ name: "shop", version: "1.0.0", type: "module" }),
    "main.js": `
import { once } from "node:events";
import { createLogger } from "edgelog-node";
import { EdgelogTransport } from "edgelog-node/winston";
import pino from "pino";
import winston from "winston";

const [, , marker, outbox] = process.argv;
const options = { app: ${JSON.stringify(app)}, key: ${JSON.stringify(key)}, endpoint: ${JSON.stringify(endpoint)},
  attributes: { project: ${JSON.stringify(marker)} + marker } };

const http = createLogger({ ...options, outbox: outbox + ".http" });
http.info("by Node over http");
const mqtt = createLogger({ ...options, outbox: outbox + ".mqtt", transport: "mqtt", mqttUrl: ${JSON.stringify(mqtts)} });
mqtt.info("by Node over mqtt");

const transport = pino.transport({ target: "edgelog-node/pino", options: { ...options, outbox: outbox + ".pino" } });
const pinoLog = pino(transport);
pinoLog.child({ trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" }).error(new TypeError("by pino"));

const winstonLog = winston.createLogger({
  format: winston.format.errors({ stack: true }),
  transports: [new EdgelogTransport({ ...options, outbox: outbox + ".winston" })],
});
winstonLog.error(new TypeError("by winston"));
winstonLog.info("by winston with fields", { "order.id": "o-17" });

const isStored = (await http.flush()) && (await mqtt.flush());
await Promise.all([http.close(), mqtt.close()]);
// pino ends its transport, and waits for it, when the process has nothing else to do.
winstonLog.end();
await once(winstonLog.transports[0] ?? winstonLog, "finish");
process.exitCode = isStored ? 0 : 1;`,
  }),
  run: { kind: "node", file: "main.js" },
  logs: ["by Node over http", "by Node over mqtt", "by pino", "by winston", "by winston with fields"],
};
