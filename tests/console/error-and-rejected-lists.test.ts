/** The lists of the pages of errors and of rejected payloads, in Chromium. The server's responses are scripted. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { startScriptedConsole, type ScriptedConsole } from "../support/scripted-console.ts";
import { createReadScript, SHOP_LOG } from "../support/scripted-responses.ts";

let scripted: ScriptedConsole;

beforeAll(async () => {
  scripted = await startScriptedConsole();
});
afterAll(() => scripted?.[Symbol.asyncDispose]());

it("the errors page loads more groups if the open one is not among the first", async () => {
  const toGroup = (index: number): object => ({
    key: `g${index}`,
    title: `Error ${index}`,
    count: 1,
    users: 1,
    sessions: 1,
    firstSeen: "2026-11-29T08:00:00.000Z",
    lastSeen: "2026-11-29T08:00:00.000Z",
    versions: [],
    versionsEver: [],
    trend: [1],
    sample: SHOP_LOG,
  });
  const groups = Array.from({ length: 60 }, (_, index) => toGroup(index));
  scripted.script = {
    ...createReadScript(),
    "/groups": (params) => ({ body: { groups: groups.slice(0, Number(params.get("limit"))), total: 60 } }),
  };
  const page = await scripted.open("?view=errors&group=g50");
  await page.getByText("60 of 60 groups").waitFor();
  await page.getByRole("link", { name: "Show 1 log" }).waitFor();
  expect(await page.getByText("The linked error group").count()).toBe(0);
  await page.goto(page.url().replace("g50", "g99"));
  await page.getByText("The linked error group is not in this list.").waitFor();
  await page.close();
});

it("the page of rejected payloads shows a message for a reason without payloads", async () => {
  scripted.script = {
    ...createReadScript(),
    "/rejected": () => ({
      body: { total: 3, totalIsLowerBound: false, byReason: [{ reason: "too_large", count: 3 }], hits: [] },
    }),
  };
  const page = await scripted.open("?view=rejected&reason=unknown_app");
  await expect(page.getByText("No payloads with this reason.").waitFor()).resolves.toBeUndefined();
  await page.close();
});
