/**
 * The capture of requests, with real requests of Chromium.
 */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { problem } from "../support/web-client/scripted-server.ts";
import { useTestPage } from "../support/web-client/use-test-page.ts";

let page: Page;
const test = useTestPage();
const open = async (): Promise<Page> => (page = await test.open());
const { flush } = test;

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

  it("logs each failure of an XMLHttpRequest that its own handlers open again", async () => {
    await begin();
    await page.evaluate(async (site) => {
      const request = new XMLHttpRequest();
      const paths = ["200", "500", "gone", "200", "404"];
      await new Promise<void>((resolve) => {
        const next = (): void => {
          const path = paths.shift();
          if (path === undefined) return resolve();
          request.open("GET", `${site}/${path}`);
          request.send();
        };
        request.onload = next;
        request.onerror = next;
        next();
      });
    }, SITE);
    const failures = [`GET ${SITE}/500 500`, `GET ${SITE}/gone failed`, `GET ${SITE}/404 404`];
    expect((await flush()).map(({ body }) => body)).toEqual(failures);
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
