/**
 * Reading: queries written from habit or pasted, error groups, the logs around a log, exports and the days of a reader. Each row
 * sends its own logs through the complete stack and reads them with the read API.
 */
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Problem } from "#contract/api/problem.ts";
import type { ContextResponse, SearchResponse } from "#contract/api/search.ts";
import type { GroupsResponse, HistogramResponse } from "#contract/api/statistics.ts";
import { FLUTTER, HABITS, HINTS, INVALID, OLD_NAMES } from "./support/reading-cases.ts";
import { startFieldCaseStack, type FieldCaseStack } from "./support/field-case-stack.ts";

let stack: FieldCaseStack;
beforeAll(async () => {
  stack = await startFieldCaseStack();
  await stack.post({ v: 1, resource: { "host.name": "web-1", "os.api_level": "34" }, events: FRUIT });
});
afterAll(() => stack?.[Symbol.asyncDispose]());

const FRUIT = [
  { body: "apple pie", severity: "info", attributes: { "http.response.status_code": 200, fruit: "yes", retries: 1 } },
  {
    body: "banana split",
    severity: "error",
    attributes: { "http.response.status_code": 404, fruit: "yes", retries: 3 },
  },
  { body: "cherry cake", severity: "fatal", attributes: { "http.response.status_code": 503, fruit: "yes" } },
];

/** The first words of the fruit that a query finds, sorted. */
const findFruit = async (q: string): Promise<readonly string[]> => {
  const hits = await stack.search(`fruit:yes (${q})`);
  return hits.map(({ document }) => String(document.body).split(" ")[0] ?? "").toSorted();
};

const searchRaw = async (q: string): Promise<Response> => {
  const { worker, readerToken } = stack.stack.file;
  return await fetch(new URL(`/search?${new URLSearchParams({ q }).toString()}`, worker), {
    headers: { Authorization: `Bearer ${readerToken}` },
  });
};

const readProblem = async (q: string): Promise<Problem> => (await (await searchRaw(q)).json()) as Problem;

describe("E2: many words", () => {
  it.each([45, 64])("%i words joined by OR are answered", async (count) => {
    const words = Array.from({ length: count }, (_, i) => (i === count - 1 ? "cherry" : `absent${i}`));
    expect(await stack.search(words.join(" OR "))).toHaveLength(1);
  });

  it("more than the limit is a 400 that names it", async () => {
    const or = await readProblem(Array.from({ length: 65 }, (_, i) => `absent${i}`).join(" OR "));
    expect(or).toMatchObject({ status: 400, reason: "invalid_query", detail: expect.stringContaining("64") });
    const and = await readProblem(Array.from({ length: 64 }, (_, i) => `absent${i}`).join(" "));
    expect(and).toMatchObject({ status: 400, reason: "invalid_query", detail: expect.stringContaining("1000") });
  });

  it("50 words that must all match are answered", async () => {
    expect(await stack.search(Array.from({ length: 50 }, () => "cherry").join(" "))).toHaveLength(1);
  });
});

describe("E3: habits", () => {
  it.each(HABITS)("%s", async (q, expected) => {
    expect(await findFruit(q)).toEqual(expected);
  });

  it.each(HINTS)(
    "%s has a hint with the right spelling, which finds logs if there are any",
    async (q, kind, suggestion) => {
      const response = await stack.read<SearchResponse>(`/search?${new URLSearchParams({ q }).toString()}`);
      expect(response.hints).toContainEqual(expect.objectContaining({ kind, suggestion }));
      expect((await searchRaw(suggestion)).status).toBe(200);
    },
  );

  it.each(INVALID)("%s is a 400 with a suggestion that is valid", async (q, suggestion) => {
    expect(await readProblem(q)).toMatchObject({ status: 400, reason: "invalid_query", suggestion });
    expect((await searchRaw(suggestion)).status).toBe(200);
  });
});

describe("E4: pasted text", () => {
  const STACK =
    "java.lang.IllegalStateException: no cart\n\tat com.acme.Foo.bar(Foo.java:42)\n\tat com.acme.Main.main(Main.java:7)";
  const DART = "#0      _CartState.build (package:my_app/cart.dart:12:5)";
  beforeAll(async () => {
    await stack.post({ body: "pasteme one", severity: "error", attributes: { "exception.stacktrace": STACK } });
    await stack.post({ body: "pasteme two", severity: "error", attributes: { "exception.stacktrace": DART } });
    await stack.post({
      body: "pasteme three: cannot open C:\\Users\\ann\\cart.txt at 12:30:05 from https://a.example/b:80",
    });
    await stack.post({ body: 'pasteme four: got {"code":17,"text":"bad cart"}' });
  });

  it.each([
    ["Foo.java:42", 1],
    ["at com.acme.Foo.bar(Foo.java:42)", 1],
    ["#0      _CartState.build (package:my_app/cart.dart:12:5)", 1],
    ["package:my_app/cart.dart:12:5", 1],
    ["C:\\Users\\ann\\cart.txt", 1],
    ["12:30:05", 1],
    ["https://a.example/b:80", 1],
    ['{"code":17,"text":"bad cart"}', 1],
  ])("%s is found", async (q, count) => {
    expect(await stack.search(q)).toHaveLength(count);
  });

  it("JSON of a log has a hint with its fields", async () => {
    const q = '{"severity":"error","message":"banana split"}';
    const { hints } = await stack.read<SearchResponse>(`/search?${new URLSearchParams({ q }).toString()}`);
    const suggestion = hints?.find(({ kind }) => kind === "json")?.suggestion ?? "";
    expect((await stack.search(suggestion)).map(({ document }) => document.body)).toEqual(["banana split"]);
  });
});

const runCron = async (cron: string, time: number): Promise<number> => {
  const url = new URL("/cdn-cgi/local/scheduled", stack.stack.file.worker);
  url.search = new URLSearchParams({ cron, time: String(time) }).toString();
  const { status } = await fetch(url);
  await fetch(new URL("/edgelog-error-groups/_refresh?ignore_unavailable=true", stack.stack.file.opensearch), {
    method: "POST",
  });
  return status;
};

describe("ids", () => {
  const id = uuidv7();
  beforeAll(async () => {
    await stack.post({ id, body: "withid one" });
    await stack.post({ id: uuidv7(), body: "withid two" });
  });

  it.each([
    ["id:{id}", 1],
    ['id:"{id}"', 1],
    ["{id}", 1],
    ["withid {id}", 1],
    ["id:({id} OR other)", 1],
    ["id:{start}*", 1],
    ["{start}*", 1],
    ["withid -id:{id}", 1],
    ["withid id:*", 2],
    ["withid id:other", 0],
    ['withid id:""', 0],
  ])("%s is found", async (pattern, count) => {
    // The start of a UUID of version 7 is the time; the whole id without its last digit is unique.
    const q = pattern.replaceAll("{id}", id).replaceAll("{start}", id.slice(0, -1));
    expect(await stack.search(q)).toHaveLength(count);
  });
});

describe("E5 and E6: error groups", () => {
  const HOUR = 3_600_000;
  const now = Date.now();
  const sendError = async (name: string, version: string, time: number, frame: string): Promise<void> => {
    const attributes = {
      "exception.type": name,
      "exception.message": "m",
      "exception.stacktrace": `${name}: m\n    at ${frame}`,
    };
    await stack.post({
      v: 1,
      resource: { "service.version": version },
      events: [{ id: uuidv7(), time, severity: "error", body: `${name}: m`, attributes }],
    });
  };
  const findGroups = async (name: string, from = "now-1h"): Promise<GroupsResponse["groups"]> =>
    (await stack.read<GroupsResponse>(`/groups?${new URLSearchParams({ from, q: `type:${name}` }).toString()}`)).groups;

  it("first seen does not depend on the time range or the version, and remains when the logs are deleted", async () => {
    const [first, second] = [now - 60 * HOUR, now - 50 * HOUR];
    await sendError("OldError", "1.5.0", first, "pay (https://a.example/app.js:1:2)");
    await sendError("OldError", "1.6.0", second, "pay (https://a.example/app.js:1:2)");
    await sendError("OldError", "1.7.0", now, "pay (https://a.example/app.js:1:2)");
    await stack.read("/search?limit=1");
    await runCron("* * * * *", Date.now());
    const expected = {
      firstSeen: new Date(first).toISOString(),
      firstVersion: "1.5.0",
      versionsEver: [{ version: "1.5.0" }, { version: "1.6.0" }, { version: "1.7.0" }],
      count: 1,
    };
    expect(await findGroups("OldError")).toMatchObject([expected]);
    // The expired index is deleted, as the retention job does it.
    const day = new Date(first).toISOString().slice(0, 10).replaceAll("-", ".");
    const { opensearch } = stack.stack.file;
    const listed = await fetch(new URL(`/_cat/indices/logs-*-${day}?format=json&h=index`, opensearch));
    for (const { index } of (await listed.json()) as readonly { index: string }[]) {
      await fetch(new URL(`/${index}`, opensearch), { method: "DELETE" });
    }
    expect(await stack.search("type:OldError version:1.5.0", { from: "now-30d" })).toHaveLength(0);
    expect(await findGroups("OldError")).toMatchObject([expected]);
  });

  it("an error that is new has the version in which it is new", async () => {
    await sendError("NewError", "1.7.0", now - 1_000, "cart (https://a.example/app.js:1:2)");
    expect(await findGroups("NewError")).toMatchObject([
      { firstVersion: "1.7.0", firstSeen: new Date(now - 1_000).toISOString() },
    ]);
  });

  it.each([
    [
      "ViteError",
      "pay (https://a.example/assets/cart-BBhnYwcV.js:1:2)",
      "pay (https://a.example/assets/cart-DkQzLmNo.js:9:8)",
    ],
    [
      "NextError",
      "pay (https://a.example/_next/static/Vh2QxPbKcTzLmNoPqRsTu/cart.js:1:2)",
      "pay (https://a.example/_next/static/wJtYuIoPaSdFgHjKlZxCv/cart.js:1:2)",
    ],
    ["PathError", "pay (https://a.example/v1.4.1/app.js:1:2)", "pay (https://a.example/v1.5.0/app.js:3:4)"],
    [
      "PackageError",
      "pay (https://cdn.example/npm/shop@1.4.1/shop.js:1:2)",
      "pay (https://cdn.example/npm/shop@2.0.0/shop.js:3:4)",
    ],
  ])("two builds are one group: %s", async (name, first, second) => {
    await sendError(name, "1.0.0", now, first);
    await sendError(name, "1.1.0", now, second);
    expect(await findGroups(name)).toMatchObject([{ count: 2 }]);
  });
});

describe("E7: the logs around a log", () => {
  const send = async (events: readonly object[], resource: object = {}): Promise<void> => {
    await stack.post({ v: 1, resource, events });
  };
  const readContext = (id: string, by = ""): Promise<ContextResponse> =>
    stack.read<ContextResponse>(`/context?id=${id}${by === "" ? "" : `&by=${by}`}`);

  it.each([
    ["trace", { traceId: "0af7651916cd43dd8448eb211c80319c" }, {}],
    ["host", {}, { "host.name": "db-7" }],
    ["service", {}, { "service.name": "billing-7" }],
  ])("without a session, device or client: by %s", async (by, more, resource) => {
    const ids = [uuidv7(), uuidv7(), uuidv7()];
    await send(
      ids.map((id, i) => ({ id, time: Date.now() - 10_000 + i, body: `around ${i}`, ...more })),
      resource,
    );
    const { before, after, groupings, ...context } = await readContext(ids[1] ?? "");
    expect(context.by).toBe(by);
    expect([before.at(-1)?.id, after[0]?.id]).toEqual([ids[0], ids[2]]);
    expect(groupings).toContain("app");
  });

  it("with nothing else by time, and by another id on request", async () => {
    const id = uuidv7();
    await send([{ id, body: "alone" }]);
    expect(await readContext(id)).toMatchObject({ by: "app", value: "demo", groupings: ["app"] });
    const withSession = uuidv7();
    await send([{ id: withSession, body: "in a session", attributes: { "session.id": "s-77" } }]);
    expect(await readContext(withSession)).toMatchObject({ by: "session", groupings: ["session", "app"] });
    expect(await readContext(withSession, "app")).toMatchObject({ by: "app" });
  });
});

describe("E8: CSV", () => {
  it("quotes every cell, defuses formulas on each line, and states the time zone", async () => {
    const { worker, readerToken } = stack.stack.file;
    await stack.post([
      { body: "payment failed\n=cmd|'/c calc'!A1", attributes: { csv: "yes", note: "+1", amount: -5 } },
      { body: "@SUM(A1)\r\n-2", attributes: { csv: "yes", note: "plain; text", amount: 7 } },
    ]);
    await stack.read("/search?limit=1");
    const query = new URLSearchParams({ format: "csv", columns: "message,note,amount", q: "csv:yes" });
    const response = await fetch(new URL(`/export?${query.toString()}`, worker), {
      headers: { Authorization: `Bearer ${readerToken}` },
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(Array.from(bytes.slice(0, 3))).toEqual([0xef, 0xbb, 0xbf]);
    const csv = new TextDecoder().decode(bytes);
    expect(csv.startsWith('"time (UTC)","id","message","note","amount"\r\n')).toBe(true);
    expect(csv).toContain(`"payment failed\n'=cmd|'/c calc'!A1","'+1","-5"`);
    expect(csv).toContain(`"'@SUM(A1)\r\n'-2","plain; text","7"`);
  });
});

describe("E9: days of the reader", () => {
  const DAY = 86_400_000;

  it("bars of days begin at midnight in the reader's zone and contain its logs", async () => {
    const name = `days${Date.now()}`;
    const timeZone = "Asia/Kolkata";
    // Midnight of two days ago in Kolkata, which is 18:30 UTC all year.
    const midnight = Math.floor(Date.now() / DAY) * DAY - 2 * DAY + 18.5 * 3_600_000;
    await stack.post([midnight - 60_000, midnight + 60_000].map((time) => ({ body: name, time })));
    const range = { from: String(midnight - 2 * DAY), to: String(midnight + DAY) };
    const query = new URLSearchParams({ q: name, ...range, buckets: "5", timeZone });
    const { intervalMs, times, counts } = await stack.read<HistogramResponse>(`/histogram?${query.toString()}`);
    expect(intervalMs).toBe(DAY);
    expect(times.map((ms) => (ms - midnight) / DAY)).toEqual([-2, -1, 0]);
    expect(counts.info).toEqual([0, 1, 1]);
  });

  it("an unknown zone is a 400", async () => {
    const { worker, readerToken } = stack.stack.file;
    const headers = { Authorization: `Bearer ${readerToken}` };
    const response = await fetch(new URL("/histogram?timeZone=Mars/Base", worker), { headers });
    expect(await response.json()).toMatchObject({ status: 400, field: "timeZone" });
  });
});

describe("E12: jobs", () => {
  it("the Worker accepts the events of local cron jobs", async () => {
    expect(await runCron("* * * * *", Date.now())).toBe(200);
    expect(await runCron("17 * * * *", Date.now())).toBe(200);
  });
});

describe("E15: old names", () => {
  beforeAll(async () => {
    await stack.publish(FLUTTER);
  });

  it.each(OLD_NAMES)("%s", async (q, isFound) => {
    expect(await stack.search(`"flutter old names" ${q}`)).toHaveLength(isFound ? 1 : 0);
  });

  it("a position has no other comparison, and the error names it", async () => {
    expect(await readProblem("geo.location:52")).toMatchObject({ status: 400, suggestion: "geo.location:*" });
  });
});
