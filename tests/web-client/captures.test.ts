/**
 * The captures, each with real signals of Chromium.
 */
import type { Page } from "playwright-core";
import { describe, expect, it, vi } from "vitest";
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
      report({ ...common, blockedURI: "inline", sourceFile: `${location.href}?invite=abc#/reset/xyz`, lineNumber: 3 });
    });
    expect(await flush()).toMatchObject([
      {
        body: "Content-Security-Policy: script-src inline",
        attributes: { "code.line.number": 3, "code.file.path": page.url() },
      },
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
