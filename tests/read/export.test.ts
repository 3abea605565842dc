/** Exports: complete in every format, safe for spreadsheets and terminals, and resumable after an interruption. */
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeLogs } from "../../bench/read-data.ts";
import { MINUTE_MS } from "#contract/wire/durations.ts";
import { MAX_CLOCK_AHEAD_MS } from "#contract/wire/limits.ts";
import { startReadStack, type ReadStack } from "../support/read-stack.ts";

const EVENTS = 12_000;
const NOW = Date.now();
const BODIES = [
  "=cmd|' /C calc'!A0",
  "+1",
  "-1",
  "@SUM(A1)",
  "\tx",
  "\rx",
  'plain, with "quotes"\nand lines',
  "\u001b[31mred\u202e",
];

const allIds: string[] = [];
let stack: ReadStack;
beforeAll(async () => {
  stack = await startReadStack({ readers: { reader: { apps: ["shop"] }, hostile: { apps: ["hostile"] } } });
  // Many events share a millisecond: paging by time alone would skip some of them.
  let lines = "";
  for (const batch of makeLogs({ events: EVENTS, fromMs: NOW - 4_000, toMs: NOW, apps: ["shop"] })) {
    for (const { index, id, source } of batch) {
      // The id of a document is that of its event, and the app.
      allIds.push(id.slice(0, -".shop".length));
      lines += `{"create":{"_index":"${index}","_id":"${id}"}}\n${source}\n`;
    }
  }
  await stack.queryOpenSearch("/_bulk?refresh=true&filter_path=errors", lines);
  const events = BODIES.map((body) => ({ body, severity: "error", attributes: { key: body } }));
  await stack.store("hostile", { v: 1, events });
  // Far larger than the byte limit of a page.
  const large = { body: "x".repeat(100_000), attributes: { size: "large" } };
  for (let i = 0; i < 25; i += 1)
    await stack.store("hostile", { v: 1, events: Array.from({ length: 10 }, () => large) });
});
afterAll(() => stack?.[Symbol.asyncDispose]());

const exportText = async (query: string, reader = "reader"): Promise<string> => {
  const response = await stack.request(`/export?${query}`, reader);
  expect(response.status).toBe(200);
  // `response.text()` removes the byte order mark.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await response.arrayBuffer());
};

interface Line {
  readonly id: string;
  readonly document: { readonly "@timestamp": string; readonly body: string };
}

const toLines = (text: string): Line[] =>
  text
    .split("\n")
    .filter((row) => row !== "")
    .map((row) => JSON.parse(row) as Line);

describe("NDJSON", () => {
  it("has every log once, oldest first", async () => {
    const lines = toLines(await exportText(`to=${NOW + 60_000}`));
    expect(lines.map(({ id }) => id).toSorted()).toEqual(allIds.toSorted());
    const times = lines.map(({ document }) => document["@timestamp"]);
    expect(times).toEqual(times.toSorted());
  });

  it("has logs of a sender whose clock is ahead, also without an end time", async () => {
    const times = [MINUTE_MS, MAX_CLOCK_AHEAD_MS - MINUTE_MS, MAX_CLOCK_AHEAD_MS + MINUTE_MS, 2 * 60 * MINUTE_MS];
    const events = times.map((aheadMs) => ({
      body: "ahead",
      time: Date.now() + aheadMs,
      attributes: { clock: "ahead" },
    }));
    await stack.store("hostile", { v: 1, events });
    expect(toLines(await exportText("q=clock:ahead", "hostile"))).toHaveLength(times.length);
  });

  it("has every log once after repeated interruptions and resumes", async () => {
    const ids: string[] = [];
    let after = "";
    for (let run = 0; run < 100; run += 1) {
      const abort = new AbortController();
      const response = await stack.request(`/export?to=${NOW + 60_000}${after}`, "reader", { signal: abort.signal });
      let text = "";
      let isWhole = true;
      const decoder = new TextDecoder();
      try {
        for await (const chunk of response.body ?? []) {
          text += decoder.decode(chunk, { stream: true });
          // Interrupts within a line.
          if (text.length > 2_000_000) abort.abort();
        }
      } catch {
        isWhole = false;
      }
      const whole = toLines(text.slice(0, text.lastIndexOf("\n") + 1));
      ids.push(...whole.map(({ id }) => id));
      if (isWhole) break;
      const last = whole.at(-1);
      if (last !== undefined) after = `&after=${last.document["@timestamp"]},${last.id}`;
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.toSorted()).toEqual(allIds.toSorted());
  });

  it("includes logs that exceed the byte limit of a page", async () => {
    expect(toLines(await exportText("q=size:large", "hostile"))).toHaveLength(250);
  });

  it("is filtered by query, user, session, organization and time", async () => {
    const session = `to=${NOW + 60_000}&q=session.id:session-1*&severity=warn`;
    const lines = toLines(await exportText(session));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThan(EVENTS);
    expect(await exportText(`organization=org-1&user=u-none`)).toBe("");
  });

  it.each(["after=yesterday", "after=2026-11-17T08:00:00.000Z", "format=xml", "q=level:loud"])(
    "responds with 400 before the export starts: %s",
    async (query) => {
      expect((await stack.request(`/export?${query}`, "reader")).status).toBe(400);
    },
  );
});

describe("formats", () => {
  it("CSV has no cell that a spreadsheet would execute", async () => {
    const csv = await exportText("format=csv&columns=message,key&severity=error", "hostile");
    expect(csv.startsWith('\ufeff"time (UTC)","id","message","key"\r\n')).toBe(true);
    expect(csv).toContain(`"'=cmd|' /C calc'!A0"`);
    expect(csv).toContain(`"plain, with ""quotes""\nand lines"`);
    expect(csv).not.toMatch(/["\n][=+@\t\r-](?!\n)/);
  });

  it("text escapes control characters and line breaks", async () => {
    const text = await exportText("format=text&severity=error", "hostile");
    expect(text).not.toMatch(/[\u001b\u202e]/); // oxlint-disable-line no-control-regex -- the test is about control characters
    expect(text).toContain(String.raw`\u001b[31mred`);
    const rows = text.split("\n").filter((row) => row !== "");
    expect(rows.filter((row) => !/^(?:\d{4}-\d\d-\d\dT\S+Z ERROR hostile [0-9a-f-]{36} | {4})/.test(row))).toEqual([]);
  });

  it("CSV without rows has its header", async () => {
    expect(await exportText(`format=csv&user=${uuidv7()}`)).toMatch(
      /^\ufeff"time \(UTC\)","id","level","app","message",.*\r\n$/,
    );
  });
});
