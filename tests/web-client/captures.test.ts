/**
 * The captures, each with real signals of Chromium.
 */
import type { Page } from "playwright-core";
import { describe, expect, it, vi } from "vitest";
import { problem } from "../support/web-client/scripted-server.ts";
import { useTestPage } from "../support/web-client/use-test-page.ts";
import type { OpenOptions } from "../support/web-client/test-pages.ts";

let page: Page;
const test = useTestPage();
const open = async (options?: OpenOptions): Promise<Page> => (page = await test.open(options));
const { flush, eventually } = test;

describe("captureConsole", () => {
  it("logs warnings and errors, and the console shows them as before", async () => {
    await open();
    const shown: string[] = [];
    page.on("console", (message) => shown.push(message.text()));
    await page.evaluate(() => {
      globalThis.window.edgelog.captureConsole(globalThis.window.log);
      console.log("not captured");
      console.warn("slow", { ms: 812 }, null);
      console.warn("%c%s of %d%%", "color: red", "90", 100, "done", "%s");
      console.error("failed:", new TypeError("no card"));
    });
    const events = await flush();
    expect(events).toMatchObject([
      { severity: "warn", body: 'slow {"ms":812} null', attributes: { "log.logger": "console" } },
      { severity: "warn", body: "90 of 100% done %s" },
      {
        severity: "error",
        body: "failed: TypeError: no card",
        attributes: { "log.logger": "console", "exception.type": "TypeError" },
      },
    ]);
    expect(shown).toHaveLength(4);
  });

  it("does not capture its own output, and does not throw on unreadable values", async () => {
    await open({ hasLogger: false });
    await page.evaluate(() => {
      const { edgelog, options } = globalThis.window;
      const log = edgelog.createLogger(options);
      // A logger that writes to the console.
      const loud = { ...log, warn: (body: string) => (console.warn("from within"), log.warn(body)) };
      edgelog.captureConsole(loud as unknown as typeof log);
      const circular: Record<string, unknown> = {};
      circular["self"] = circular;
      console.warn("outer");
      console.warn(circular, 10n, Symbol("s"));
      Object.assign(globalThis, { log });
    });
    expect((await flush()).map(({ body }) => body)).toEqual(["outer", '{"self":"…[cut]"} 10 Symbol(s)']);
  });

  it("restores the console methods, except methods that another script has wrapped in the meantime", async () => {
    await open();
    const same = await page.evaluate(() => {
      const { edgelog, log } = globalThis.window;
      const { warn } = console;
      const end = edgelog.captureConsole(log, ["warn", "error"]);
      const theirs = (): void => {};
      console.error = theirs;
      end();
      return [console.warn === warn, console.error === theirs];
    });
    expect(same).toEqual([true, true]);
  });
});

describe("captureRequests", () => {
  const SITE = "http://api.test";
  const begin = async (): Promise<void> => {
    await open();
    await page.route(`${SITE}/**`, (route) => {
      const status = Number(new URL(route.request().url()).pathname.slice(1)) || 0;
      const headers = { "access-control-allow-origin": "*" };
      return status === 0 ? route.abort("connectionrefused") : route.fulfill({ status, headers, body: "{}" });
    });
    await page.evaluate(() => {
      globalThis.window.end = globalThis.window.edgelog.captureRequests(globalThis.window.log, {
        ignore: ["http://api.test/418"],
      });
    });
  };

  it("logs failed fetches, without the values of their queries", async () => {
    await begin();
    const seen = await page.evaluate(async (site) => {
      const statuses = [];
      for (const path of ["200", "404?user=ann&token=t", "503", "418"]) {
        statuses.push((await fetch(`${site}/${path}`, { method: "post" })).status);
      }
      const failed = await fetch(new Request(`${site}/gone`)).catch((error: Error) => error.name);
      const cancel = AbortSignal.abort();
      const aborted = await fetch(`${site}/200`, { signal: cancel }).catch((error: Error) => error.name);
      const invalid = await fetch("http://[").catch((error: Error) => error.name);
      return [...statuses, failed, aborted, invalid];
    }, SITE);
    // The page has the same results as without the capture.
    expect(seen).toEqual([200, 404, 503, 418, "TypeError", "AbortError", "TypeError"]);
    expect(await flush()).toMatchObject([
      {
        severity: "warn",
        body: `POST ${SITE}/404?user=[redacted]&token=[redacted] 404`,
        attributes: { "http.request.method": "POST", "http.response.status_code": 404 },
      },
      { severity: "error", body: `POST ${SITE}/503 503`, attributes: { "duration.ms": expect.any(Number) } },
      { severity: "error", body: `GET ${SITE}/gone failed`, attributes: { "url.full": `${SITE}/gone` } },
    ]);
  });

  it("logs failed XMLHttpRequests", async () => {
    await begin();
    await page.evaluate(async (site) => {
      for (const path of ["200", "500", "gone"]) {
        const request = new XMLHttpRequest();
        request.open("get", `${site}/${path}`);
        request.send();
        await new Promise((resolve) => request.addEventListener("loadend", resolve));
      }
    }, SITE);
    expect((await flush()).map(({ body }) => body)).toEqual([`GET ${SITE}/500 500`, `GET ${SITE}/gone failed`]);
  });

  it("logs neither user name nor password of a URL", async () => {
    await begin();
    await page.evaluate(async () => {
      await fetch("https://alice:hunter2@api.test/fetch").catch(() => {}); // refused by the browser
      const request = new XMLHttpRequest();
      request.open("GET", "http://alice:hunter2@api.test/gone");
      request.send();
      await new Promise((resolve) => request.addEventListener("loadend", resolve));
    });
    const events = await flush();
    expect(events.map(({ attributes }) => attributes?.["url.full"])).toEqual([
      "https://[redacted]@api.test/fetch",
      "http://[redacted]@api.test/gone",
    ]);
    expect(JSON.stringify(events)).not.toMatch(/alice|hunter2/);
  });

  it("ignores requests that the page aborted with any reason, and logs those that it timed out", async () => {
    await begin();
    await page.route(`${SITE}/slow/*`, () => {}); // no response
    const seen = await page.evaluate(async (site) => {
      const reasonOf = (url: string, init: RequestInit): Promise<string> => fetch(url, init).then(String, String);
      const abort = (reason: unknown): RequestInit => {
        const controller = new AbortController();
        setTimeout(() => controller.abort(reason));
        return { signal: controller.signal };
      };
      return [
        await reasonOf(`${site}/slow/error`, abort(new Error("unmounted"))),
        await reasonOf(`${site}/slow/text`, abort("unmounted")),
        await fetch(new Request(`${site}/slow/request`, abort(new Error("unmounted")))).catch(String),
        await reasonOf(`${site}/slow/timeout`, { signal: AbortSignal.timeout(1) }),
      ];
    }, SITE);
    expect(seen).toEqual([
      "Error: unmounted",
      "unmounted",
      "Error: unmounted",
      expect.stringContaining("TimeoutError"),
    ]);
    expect((await flush()).map(({ body }) => body)).toEqual([`GET ${SITE}/slow/timeout failed`]);
  });

  it("logs a failure of an XMLHttpRequest that is used again once", async () => {
    await begin();
    await page.evaluate(async (site) => {
      const request = new XMLHttpRequest();
      for (const path of ["200", "gone", "500"]) {
        request.open("GET", `${site}/${path}`);
        request.send();
        await new Promise((resolve) => request.addEventListener("loadend", resolve, { once: true }));
      }
    }, SITE);
    expect((await flush()).map(({ body }) => body)).toEqual([`GET ${SITE}/gone failed`, `GET ${SITE}/500 500`]);
  });

  it("resolves relative URLs by <base>", async () => {
    await begin();
    await page.evaluate(async (site) => {
      document.head.append(Object.assign(document.createElement("base"), { href: `${site}/` }));
      await fetch("503");
    }, SITE);
    expect((await flush()).map(({ body }) => body)).toEqual([`GET ${SITE}/503 503`]);
  });

  it("makes and logs requests of a frame whose address is about:srcdoc", async () => {
    await begin();
    await page.route("**/api/*", (route) => route.fulfill({ status: 404, body: "{}" }));
    const status = await page.evaluate(async () => {
      const frame = document.createElement("iframe");
      const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
      frame.srcdoc = `<script type="module" src="/toolbox.js"></script>`;
      document.body.append(frame);
      await loaded;
      const inner = frame.contentWindow as Window & typeof globalThis;
      const log = inner.edgelog.createLogger(globalThis.window.options);
      inner.edgelog.captureRequests(log);
      const response = await inner.fetch("/api/carts");
      await log.flush();
      return response.status;
    });
    expect(status).toBe(404);
    const { origin } = new URL(page.url());
    expect(test.pages.events().map(({ body }) => body)).toEqual([`GET ${origin}/api/carts 404`]);
  });

  it("never logs requests of the logger, including a logger created later", async () => {
    await begin();
    test.pages.server.respondWith(problem(503));
    await page.evaluate(() => {
      const { edgelog, options, log } = globalThis.window;
      const tuning = { retryBaseMs: 10 };
      edgelog.createLogger({ ...options, tuning, path: "/logs/late" }).error("by a second logger");
      log.error("by the first");
    });
    await expect.poll(() => test.pages.server.requests.length).toBeGreaterThan(2);
    test.pages.server.respondWith();
    await flush();
    expect(new Set(test.pages.events().map(({ body }) => body))).toEqual(
      new Set(["by a second logger", "by the first"]),
    );
  });

  it("restores fetch and XMLHttpRequest", async () => {
    await open();
    const same = await page.evaluate(() => {
      const before = [fetch, XMLHttpRequest.prototype.open];
      globalThis.window.edgelog.captureRequests(globalThis.window.log)();
      return [fetch === before[0], XMLHttpRequest.prototype.open === before[1]];
    });
    expect(same).toEqual([true, true]);
  });
});

describe("captureWebVitals", () => {
  it("logs each web vital once, when its value is final", async () => {
    await open();
    await page.evaluate(() => {
      document.body.textContent = "Something to paint";
      // Only slow events count as interactions.
      document.addEventListener("click", () => {
        for (const untilMs = performance.now() + 100; performance.now() < untilMs;);
      });
      globalThis.window.edgelog.captureWebVitals(globalThis.window.log);
    });
    await vi.waitFor(
      async () => expect((await flush()).map(({ body }) => body.split(" ")[0])).toContain("TTFB"),
      10_000,
    );
    await page.mouse.click(10, 10);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 200))));
    await page.goto("about:blank");
    const names = (): unknown[] => test.pages.events().map(({ attributes }) => attributes?.["browser.web_vital.name"]);
    await vi.waitFor(
      () => expect(names()).toEqual(expect.arrayContaining(["ttfb", "fcp", "lcp", "cls", "inp"])),
      10_000,
    );
    expect(names()).toHaveLength(5);
    expect(test.pages.events()[0]?.attributes).toMatchObject({
      "browser.web_vital.value": expect.any(Number),
      "browser.web_vital.rating": expect.stringMatching(/good|needs-improvement|poor/),
    });
  });
});

describe("captureReports", () => {
  const begin = async (): Promise<void> => {
    await open();
    await page.evaluate(() => {
      globalThis.window.end = globalThis.window.edgelog.captureReports(globalThis.window.log);
    });
  };

  it("logs violations of the Content-Security-Policy", async () => {
    await begin();
    await page.evaluate(() => {
      const policy = document.createElement("meta");
      policy.httpEquiv = "Content-Security-Policy";
      policy.content = "img-src 'none'";
      document.head.append(policy);
      new Image().src = "http://tracker.test/pixel?user=ann";
    });
    const [event] = await eventually(1);
    expect(event).toMatchObject({
      severity: "warn",
      body: "Content-Security-Policy: img-src http://tracker.test/pixel?user=[redacted]",
      attributes: { "csp.directive": "img-src", "csp.disposition": "enforce" },
    });
  });

  it("ignores violations by browser extensions", async () => {
    await begin();
    await page.evaluate(() => {
      const report = (init: SecurityPolicyViolationEventInit): boolean =>
        document.dispatchEvent(new SecurityPolicyViolationEvent("securitypolicyviolation", init));
      const common = {
        effectiveDirective: "script-src",
        violatedDirective: "script-src",
        documentURI: location.href,
        originalPolicy: "",
        statusCode: 200,
      };
      report({ ...common, blockedURI: "chrome-extension://abc/inject.js" });
      report({ ...common, blockedURI: "inline", sourceFile: "moz-extension" });
      report({ ...common, blockedURI: "inline", sourceFile: location.href, lineNumber: 3 });
    });
    expect(await flush()).toMatchObject([
      { body: "Content-Security-Policy: script-src inline", attributes: { "code.line.number": 3 } },
    ]);
  });

  it("logs deprecations", async () => {
    await begin();
    await page.evaluate(() => {
      const request = new XMLHttpRequest();
      request.open("GET", "/", false);
      request.send();
    });
    const [event] = await eventually(1);
    expect(event).toMatchObject({ severity: "warn", attributes: { "report.type": "deprecation" } });
    expect(event?.body).toMatch(/^deprecation: Synchronous `XMLHttpRequest`/);
  });
});

describe("createBreadcrumbs", () => {
  it("adds breadcrumbs to errors only, and records no text of the page", async () => {
    await open({ hasLogger: false });
    await page.evaluate(() => {
      const { edgelog, options } = globalThis.window;
      const crumbs = edgelog.createBreadcrumbs();
      const log = edgelog.createLogger({ ...options, beforeSend: crumbs.attach });
      Object.assign(globalThis, { crumbs, log });
      document.body.innerHTML = '<button id="pay" role="button">Pay as Ann <i>now</i></button>';
    });
    await page.click("#pay i");
    await page.evaluate(() => {
      location.hash = "token=secret";
    });
    await page.waitForFunction(() => location.hash !== "");
    await page.evaluate(() => {
      const { crumbs, log } = globalThis.window;
      for (let i = 0; i < 30; i += 1) if (i > 12) crumbs.add(`step ${i} ${"x".repeat(100)}`);
      log.info("calm");
      log.error("failed");
      crumbs.stop();
      document.querySelector("button")?.click();
      log.error("later");
    });
    const [calm, failed, later] = await flush();
    expect(calm?.attributes).not.toHaveProperty("edgelog.breadcrumbs");
    const steps = failed?.attributes?.["edgelog.breadcrumbs"] as string[];
    expect(steps).toHaveLength(20);
    expect(steps[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} click button#pay\[role=button\]$/);
    expect(steps.filter((step) => step.includes("hashchange"))).toEqual([
      expect.stringMatching(/ \/#token=\[redacted\]$/),
    ]);
    expect(Math.max(...steps.map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(later?.attributes?.["edgelog.breadcrumbs"]).toEqual(steps);
  });
});
