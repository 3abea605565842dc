/**
 * Uncaught errors, thrown in Chromium.
 */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { useTestPage } from "../support/web-client/use-test-page.ts";
import type { OpenOptions } from "../support/web-client/test-pages.ts";

/** Another origin, whose scripts are loaded without CORS. */
const ELSEWHERE = "http://elsewhere.test";

let page: Page;
const test = useTestPage();
const open = async (options?: OpenOptions): Promise<Page> => (page = await test.open(options));
const { flush, eventually } = test;

describe("captureErrors", () => {
  const begin = async (): Promise<void> => {
    await open();
    await page.evaluate(() => {
      window.end = globalThis.window.edgelog.captureErrors(globalThis.window.log);
    });
  };

  it("logs an uncaught error with its stack and its causes", async () => {
    await begin();
    await page.evaluate(() => {
      setTimeout(function pay() {
        throw new TypeError("no card", { cause: new Error("no token", { cause: "socket closed" }) });
      });
    });
    const [event] = await eventually(1);
    expect(event).toMatchObject({
      severity: "error",
      body: "TypeError: no card",
      attributes: {
        "exception.type": "TypeError",
        "exception.message": "no card",
        "exception.stacktrace": expect.stringMatching(
          /^TypeError: no card\n +at pay[\s\S]+Caused by: Error: no token[\s\S]+Caused by: socket closed$/,
        ),
      },
    });
  });

  it("logs rejections with values of any type", async () => {
    await begin();
    await page.evaluate(() => {
      void Promise.reject(new RangeError("too far"));
      void Promise.reject("just text");
      void Promise.reject({ code: 7, password: "hunter2" });
      void Promise.reject(undefined);
      void Promise.reject(Object.create(null));
    });
    const events = await eventually(5);
    expect(events.map(({ body }) => body)).toEqual([
      "RangeError: too far",
      "Unhandled rejection: just text",
      'Unhandled rejection: {"code":7,"password":"[redacted]"}',
      "Unhandled rejection: undefined",
      "Unhandled rejection: {}",
    ]);
    expect(events[2]?.attributes).toMatchObject({ "exception.value": { code: 7, password: "[redacted]" } });
  });

  it("names the script of an error whose stack does not: one that is not JavaScript, or that a Worker runs", async () => {
    await begin();
    await page.route("**/chunk-17.js?*", (route) =>
      route.fulfill({ contentType: "text/javascript", body: "<!doctype html>" }),
    );
    await page.evaluate(() =>
      document.head.append(Object.assign(document.createElement("script"), { src: "/chunk-17.js?token=abc#anna" })),
    );
    const [ofScript] = await eventually(1);
    expect(ofScript).toMatchObject({
      body: "SyntaxError: Unexpected token '<'",
      attributes: { "code.file.path": expect.stringMatching(/^http:.*\/chunk-17\.js$/) },
    });
    await page.evaluate(() => {
      const worker = new Worker(URL.createObjectURL(new Blob(["throw new TypeError('in a Worker')"])));
      worker.addEventListener("error", ({ message, filename, lineno }) =>
        dispatchEvent(new ErrorEvent("error", { message, filename, lineno })),
      );
    });
    expect((await eventually(2))[1]).toMatchObject({
      body: "Uncaught TypeError: in a Worker",
      attributes: { "code.file.path": expect.stringMatching(/^blob:/) },
    });
  });

  it("marks errors of scripts from other origins, which have no details", async () => {
    await begin();
    await page.route(`${ELSEWHERE}/**`, (route) =>
      route.fulfill({ contentType: "text/javascript", body: "throw new Error('hidden from the page')" }),
    );
    await page.addScriptTag({ url: `${ELSEWHERE}/widget.js` });
    const [event] = await eventually(1);
    expect(event?.body).toBe("Script error. (no CORS)");
    expect(event?.attributes).not.toHaveProperty(["code.file.path"]);
  });

  it("ignores errors from browser extensions, and does not count them", async () => {
    await begin();
    await page.evaluate(() => {
      const filename = "chrome-extension://abc/inject.js";
      const error = new Error("theirs");
      error.stack = `Error: theirs\n    at moz-extension://abc/inject.js:1:1`;
      for (let i = 0; i < 100; i += 1) {
        dispatchEvent(new ErrorEvent("error", { message: "theirs", filename, error: new Error("theirs") }));
        dispatchEvent(new ErrorEvent("error", { message: "theirs too", filename: location.href, error }));
      }
      dispatchEvent(new ErrorEvent("error", { message: "ours", filename: location.href, error: new Error("ours") }));
    });
    await page.goto("about:blank");
    await expect.poll(() => test.pages.events()).toHaveLength(1);
    expect(test.pages.events().map(({ body }) => body)).toEqual(["Error: ours"]);
  });

  it("sends a few of 100,000 errors, and the number of the others when the page is closed", async () => {
    await begin();
    await page.evaluate(() => {
      for (let i = 0; i < 100_000; i += 1) {
        const error = new Error(`loop ${i % 1_000}`);
        dispatchEvent(new ErrorEvent("error", { message: error.message, filename: "<anonymous>", error }));
      }
    });
    await page.goto("about:blank");
    await expect.poll(() => test.pages.events()).toHaveLength(51);
    const counts = test.pages.events().filter(({ severity }) => severity === "warn");
    expect(counts).toMatchObject([{ body: "99950 more errors", attributes: { "edgelog.repeated": 99_950 } }]);
  });

  it("logs the number of equal errors after ten seconds, and starts again", async () => {
    // The window of ten seconds ends after 0.2 s.
    await open({ before: "setTimeout = ((real) => (f, ms) => real(f, ms === 10_000 ? 200 : ms))(setTimeout)" });
    await page.evaluate(() => globalThis.window.edgelog.captureErrors(globalThis.window.log));
    const fail = (): Promise<void> =>
      page.evaluate(() => {
        for (let i = 0; i < 8; i += 1) dispatchEvent(new ErrorEvent("error", { message: "same", filename: "a.js" }));
      });
    await fail();
    await eventually(6);
    await fail();
    const bodies = (await eventually(12)).map(({ body }) => body);
    const same = Array<string>(5).fill("same");
    const more = "3 more errors";
    expect(bodies).toEqual([...same, more, ...same, more]);
  });

  it("captures nothing after it has ended", async () => {
    await begin();
    await page.evaluate(() => {
      globalThis.window.end();
      dispatchEvent(new ErrorEvent("error", { message: "nobody listens", filename: "a.js" }));
      globalThis.window.log.info("last");
    });
    expect((await flush()).map(({ body }) => body)).toEqual(["last"]);
  });
});
