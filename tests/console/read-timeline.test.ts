/** How the session page reads the logs of a session. The server's responses are scripted. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { readerToken } from "../../web-client/console/api/reader-token.ts";
import { readTimeline } from "../../web-client/console/session/read-timeline.ts";
import { SHOP_LOG } from "../support/scripted-responses.ts";

const LINE = `${JSON.stringify(SHOP_LOG)}\n`;

beforeEach(() => {
  readerToken.value = "token";
});
afterEach(() => {
  vi.unstubAllGlobals();
  readerToken.value = undefined;
});

const read = async (body: string): ReturnType<typeof readTimeline> => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(body)));
  return readTimeline("s-1", undefined, new AbortController().signal);
};

it.each([
  ["the page of a proxy", "<html>Sign in</html>"],
  ["the page of a proxy with a line feed", "<html>Sign in</html>\n"],
  ["JSON that is not a log", `${LINE}{"error":"proxy"}\n`],
  ["a log that was cut", LINE + LINE.slice(0, 40)],
  ["a log without its line feed", LINE + LINE.trimEnd()],
])("a response with %s is a failure", async (_name, body) => {
  expect(await read(body)).toMatchObject({ state: "failed" });
});

it("an empty response has no logs, and a whole one all", async () => {
  expect(await read("")).toEqual({ state: "ok", answer: { hits: [], next: undefined } });
  expect(await read(LINE)).toEqual({ state: "ok", answer: { hits: [SHOP_LOG], next: undefined } });
});
