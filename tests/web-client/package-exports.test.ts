/**
 * Calls every export of the built package in Chromium, with internal names shortened, and checks what it logs.
 */
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import packageJson from "../../web-client/package/package.json" with { type: "json" };
import { buildPackage } from "../support/build-package.ts";
import { startBrowser, type Browser } from "../support/browser.ts";
import { startScriptedServer, type ScriptedServer } from "../support/web-client/scripted-server.ts";
import { serveFiles, type ServedPage } from "../support/web-client/serve-page.ts";
import type { toolbox } from "../support/web-client/toolbox.ts";

type Exports = typeof toolbox;
type Log = ReturnType<Exports["createLogger"]>;

/** A call in the page, and the bodies of the events that it logs. */
interface Call {
  readonly run: (exports: Exports, log: Log) => unknown;
  readonly bodies: readonly unknown[];
}

const text = (part: string): unknown => expect.stringContaining(part);

const captureErrors: Call = {
  run({ captureErrors: capture }, log) {
    const end = capture(log);
    globalThis.dispatchEvent(new ErrorEvent("error", { message: "caught", filename: "a.js" }));
    end();
    globalThis.dispatchEvent(new ErrorEvent("error", { message: "not caught", filename: "a.js" }));
  },
  bodies: ["caught"],
};

/** A call for each export, by the entry of package.json. */
const CALLS: Readonly<Record<string, Readonly<Record<string, Call>>>> = {
  ".": {
    createLogger: {
      async run(_exports, log) {
        const seen: string[] = [];
        const ends = [
          log.onStatus(({ state }) => seen.push(state)),
          log.onCounts(({ stored }) => seen.push(`stored ${stored}`)),
          log.onSettled((settlements) => seen.push(...settlements.map(({ state }) => state))),
        ];
        log.setContext({ page: "cart" });
        log.setUser({ id: "u-1" });
        log.trace("trace");
        log.debug("debug");
        log.info("info");
        log.warn("warn");
        log.error(new TypeError("error"));
        log.child({ component: "cart" }).fatal("fatal", new Error("cause"));
        log.useTransport("http");
        const isStored = await log.flush();
        for (const end of ends) end();
        const check = (isTrue: boolean, what: string): void => {
          if (!isTrue) throw new Error(`${what}: ${JSON.stringify([seen, log.status, log.counts])}`);
        };
        check(isStored === true && log.url.endsWith("/logs") && log.counts.stored === 6, "stored");
        check(
          ["online", "stored 6", "stored"].every((one) => seen.includes(one)),
          "listeners",
        );
        log.info("refused");
        log.setConsent("refused");
        log.setConsent("granted");
        log.info("after consent");
        await log.close();
        log.info("after the end");
        while (!log.counts.dropped.closed) await new Promise((resolve) => setTimeout(resolve, 20));
        check(log.status.state === "closed" && log.counts.dropped.consent === 1, "dropped");
      },
      bodies: ["trace", "debug", "info", "warn", "TypeError: error", "fatal", "after consent"],
    },
    captureErrors,
  },
  "./service-worker": {
    createLogger: {
      run(_exports, log) {
        log.info("hello");
      },
      bodies: ["hello"],
    },
    captureErrors,
  },
  "./sampler": {
    createSampler: {
      run({ createSampler }, log) {
        const sample = createSampler({ severities: { debug: 0 }, sessions: 0 });
        const record = { id: "", body: "", attributes: {} };
        const kept = (["debug", "info", "error"] as const).map(
          (severity) => sample({ ...record, severity }, "0195d8f0-0000-7000-8000-000000000001") !== null,
        );
        log.info(kept.join());
      },
      bodies: ["false,false,true"],
    },
  },
  "./captures/breadcrumbs": {
    createBreadcrumbs: {
      run({ createBreadcrumbs }, log) {
        const crumbs = createBreadcrumbs();
        crumbs.add("cart restored");
        document.body.click();
        crumbs.stop();
        document.body.click();
        const record = { id: "", severity: "error", body: "", attributes: {} } as const;
        const list = crumbs.attach(record).attributes["edgelog.breadcrumbs"] as readonly string[];
        log.info(list.map((crumb) => crumb.slice(13)).join());
      },
      bodies: ["cart restored,click body"],
    },
  },
  "./captures/console": {
    captureConsole: {
      run({ captureConsole }, log) {
        const end = captureConsole(log, ["info"]);
        console.info("to the %s", "console"); // oxlint-disable-line no-console -- captured
        end();
        console.info("not captured"); // oxlint-disable-line no-console -- not captured
      },
      bodies: ["to the console"],
    },
  },
  "./captures/reports": {
    captureReports: {
      run({ captureReports }, log) {
        const violate = (effectiveDirective: string): boolean =>
          document.dispatchEvent(
            new SecurityPolicyViolationEvent("securitypolicyviolation", {
              effectiveDirective,
              bubbles: true,
              blockedURI: "https://x.test/",
              disposition: "enforce",
              documentURI: location.href,
              originalPolicy: "",
              statusCode: 200,
              violatedDirective: effectiveDirective,
            }),
          );
        const end = captureReports(log);
        violate("img-src");
        end();
        violate("script-src");
      },
      bodies: ["Content-Security-Policy: img-src https://x.test/"],
    },
  },
  "./captures/requests": {
    captureRequests: {
      async run({ captureRequests }, log) {
        const end = captureRequests(log, { minStatus: 0, ignore: [new URL("/ignored", location.href).href] });
        await fetch("/ignored");
        await fetch("http://127.0.0.1:9/").catch(() => {});
        end();
        await fetch("http://127.0.0.1:9/again").catch(() => {});
      },
      bodies: ["GET http://127.0.0.1:9/ failed"],
    },
  },
  "./captures/web-vitals": {
    captureWebVitals: {
      async run({ captureWebVitals }, log) {
        const end = captureWebVitals(log);
        const isLogged = (): boolean => log.counts.stored > 0;
        while (!isLogged()) await new Promise((resolve) => setTimeout(resolve, 20));
        end();
      },
      bodies: [text("TTFB ")],
    },
  },
  "./adapters/console-like": {
    toConsole: {
      run({ toConsole }, log) {
        const logger = toConsole(log);
        for (const method of ["debug", "error", "info", "log", "trace", "warn"] as const) logger[method](method);
      },
      bodies: ["debug", "error", "info", "log", "trace", "warn"],
    },
  },
  "./adapters/logtape": {
    toLogTapeSink: {
      run({ toLogTapeSink }, log) {
        toLogTapeSink(log)({ category: ["shop"], level: "warning", message: ["Only ", 3, " left"], properties: {} });
      },
      bodies: ["Only 3 left"],
    },
  },
  "./adapters/pino": {
    toPinoTransmit: {
      run({ toPinoTransmit }, log) {
        toPinoTransmit(log).send("info", { messages: [{ n: 1 }, "from pino"], bindings: [] });
      },
      bodies: ["from pino"],
    },
  },
};

const PACKAGE = new URL("../../web-client/package/", import.meta.url);
/** The entries for frameworks are tested in projects with their frameworks: tests/packages/. */
const entries = Object.entries(packageJson.exports)
  .filter(([, { types }]) => !types.includes("/frameworks/"))
  .map(([entry, { default: file }]) => ({ entry, file }));
const PAGE = `<!doctype html><title>exports</title>
<script type="importmap">{ "imports": { "web-vitals": "/web-vitals.js" } }</script>
<script type="module">
const files = ${JSON.stringify(entries.map(({ file }) => file))};
const modules = await Promise.all(files.map(async (file) => [file, await import(file.replace("./lib", ""))]));
globalThis.modules = Object.fromEntries(modules);
</script>`;

let browser: Browser;
let server: ScriptedServer;
let site: ServedPage;
let page: Page;
beforeAll(async () => {
  await buildPackage("edgelog-web");
  const files = new Map<string, Uint8Array>();
  const lib = new URL("lib/", PACKAGE);
  for (const path of globSync("**/*.js", { cwd: fileURLToPath(lib) })) {
    files.set(`/${path}`, await readFile(new URL(path, lib)));
  }
  files.set("/web-vitals.js", await readFile(fileURLToPath(import.meta.resolve("web-vitals"))));
  site = await serveFiles(files, PAGE);
  server = await startScriptedServer();
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
});
afterEach(() => page?.close());

describe.each(entries)("edgelog-web, entry $entry", ({ entry, file }) => {
  const calls = CALLS[entry] ?? {};

  it("has a call in this test for each export", async () => {
    const built = (await import(new URL(file, PACKAGE).href)) as object;
    expect(Object.keys(calls).sort()).toEqual(Object.keys(built).sort());
  });

  it.each(Object.entries(calls))("%s works", async (name, { run, bodies }) => {
    page = await browser.context.newPage();
    await page.goto(site.originOf(name));
    await page.waitForFunction(() => "modules" in globalThis);
    const app = `${name}${entry.replaceAll(/\W/g, "-")}`;
    await page.evaluate(
      `(async () => {
        const edgelog = Object.assign({}, ...Object.values(modules), modules[${JSON.stringify(file)}]);
        const log = edgelog.createLogger(${JSON.stringify({ app, key: "k", endpoint: server.endpoint, transport: "http" })});
        await ({ ${run.toString()} }).run(edgelog, log);
        if (log.status.state !== "closed" && !(await log.flush())) throw new Error("not stored");
      })()`,
    );
    const batches = server.requests.filter(({ batch }) => batch.resource["service.name"] === app);
    const events = new Map(batches.flatMap(({ batch }) => batch.events.map(({ id, body }) => [id, body] as const)));
    expect([...events].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, body]) => body)).toEqual(bodies);
  });
});
