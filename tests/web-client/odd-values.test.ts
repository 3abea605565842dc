/**
 * Values that JSON cannot represent, or that throw when they are read, logged in Chromium. Each row is logged as the first
 * event of a page (the delivery module is not loaded yet) and again later. Nothing may be lost: an event is stored with all
 * values that can be read, and the number of omitted attributes is right.
 */
import { afterEach, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { useTestPage } from "../support/web-client/use-test-page.ts";
import { ERRORS } from "../support/web-client/odd-values/errors.ts";
import { READABLE } from "../support/web-client/odd-values/readable.ts";
import type { Row } from "../support/web-client/odd-values/row.ts";
import { UNREADABLE } from "../support/web-client/odd-values/unreadable.ts";
import type { SentEvent } from "../support/web-client/scripted-server.ts";

const ROWS = [...ERRORS, ...UNREADABLE, ...READABLE];

let page: Page;
const test = useTestPage();
afterEach(() => page?.close());

const expectRow = ({ name, body, attributes, stacktrace }: Row, event: SentEvent | undefined): void => {
  const { "exception.stacktrace": trace, ...others } = event?.attributes ?? {};
  expect({ name, others }).toEqual({ name, others: attributes });
  if (stacktrace) expect({ name, trace }).toEqual({ name, trace: expect.stringMatching(stacktrace) });
  if (body === undefined) return;
  const expected: unknown = typeof body === "string" ? body : expect.stringMatching(body);
  expect({ name, body: event?.body }).toEqual({ name, body: expected });
};

/** Logs the rows in the page, and returns the ids of the events. */
const logRows = (rows: readonly Row[]): Promise<readonly string[]> =>
  page.evaluate(
    (sources) =>
      sources.map(([prepare, args]) => {
        // oxlint-disable-next-line no-implied-eval, typescript/no-implied-eval -- the rows are source code
        const run = new Function("log", `${prepare}; return log.error(${args});`) as (log: unknown) => string;
        return run(globalThis.window.log);
      }),
    rows.map(({ prepare = "", args }) => [prepare, args] as const),
  );

describe("odd values", () => {
  it("are stored with their readable properties, before and after the delivery module is loaded", async () => {
    page = await test.open();
    for (const round of ["first", "later"]) {
      const ids = await logRows(ROWS);
      const events = new Map((await test.flush()).map((event) => [event.id, event]));
      ROWS.forEach((row, i) => expectRow({ ...row, name: `${row.name} (${round})` }, events.get(ids[i] ?? "")));
    }
    expect(await page.evaluate(() => globalThis.window.log.counts)).toEqual({
      queued: 0,
      inFlight: 0,
      stored: 2 * ROWS.length,
      duplicates: 0,
      rejected: 0,
      dropped: {},
    });
  });

  it("are stored if the page goes away at once", async () => {
    page = await test.open();
    await logRows(READABLE.slice(6, 7));
    await page.goto("about:blank");
    await expect.poll(() => test.pages.events()).toMatchObject([{ body: "text" }]);
  });

  it("are copied when they are logged", async () => {
    page = await test.open();
    await logRows([{ name: "", args: '"loads the delivery module", { date: new Date(0) }', attributes: {} }]);
    await test.flush();
    await page.evaluate(() => {
      const headers = new Headers({ a: "1" });
      const body = { a: 1 };
      globalThis.window.log.info(body, { headers, map: new Map([["a", headers]]) });
      headers.set("a", "2");
      body.a = 2;
    });
    const event = (await test.flush()).at(-1);
    expect(event).toMatchObject({ body: '{"a":1}', attributes: { a: 1, headers: { a: "1" }, map: { a: { a: "1" } } } });
  });

  it("reach beforeSend as they are sent, and its result is read again", async () => {
    page = await test.open({ hasLogger: false });
    await page.evaluate(async () => {
      const { edgelog, options } = globalThis.window;
      const log = edgelog.createLogger({
        ...options,
        beforeSend: (record) => ({
          ...record,
          attributes: { ...record.attributes, seen: Object.keys(record.attributes), headers: new Headers({ a: "1" }) },
        }),
      });
      Object.assign(globalThis, { log });
      log.info("loads the delivery module", { date: new Date(0) });
      await log.flush();
      log.error("text", { err: Object.assign(new Error("x"), { code: 1 }) });
      await log.flush();
    });
    expect(test.pages.events().slice(1)).toMatchObject([
      {
        body: "text",
        attributes: {
          "exception.message": "x",
          "error.code": 1,
          seen: ["exception.type", "exception.message", "exception.stacktrace", "error.code", "err"],
          headers: { a: "1" },
        },
      },
    ]);
  });

  it("thrown by the page are logged and counted", async () => {
    page = await test.open();
    await page.evaluate(() => {
      globalThis.window.edgelog.captureErrors(globalThis.window.log);
      const unreadable = new Error("x");
      Object.defineProperty(unreadable, "stack", {
        get() {
          throw new Error("no");
        },
      });
      const frame = document.body.appendChild(document.createElement("iframe"));
      const OtherError = (frame.contentWindow as unknown as typeof globalThis).TypeError;
      const parsed = JSON.parse('{"stack":{"toString":1}}') as object;
      for (const reason of [
        unreadable,
        new OtherError("frame"),
        Object.create(null),
        { code: 7 },
        new Event("x"),
        parsed,
      ]) {
        void Promise.reject(reason);
      }
    });
    const events = await test.eventually(6);
    expect(events.map(({ body }) => body)).toEqual([
      "Error: x",
      "TypeError: frame",
      "Unhandled rejection: {}",
      'Unhandled rejection: {"code":7}',
      expect.stringMatching(/^Unhandled rejection: /),
      'Unhandled rejection: {"stack":{"toString":1}}',
    ]);
    expect(events[4]?.attributes).toMatchObject({ "exception.value": { type: "x" } });
  });
});
