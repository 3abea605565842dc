/**
 * An acknowledged log is found by its words, once, as it was sent and in the order of sending. Each row sends payloads through
 * the complete stack and compares the result of `GET /search`.
 */
import fc from "fast-check";
import { v4 as uuidv4, v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ContextResponse, SearchHit, SearchResponse } from "#contract/api/search.ts";
import { isAsSent, randomEvent, toJson, wordsOf } from "./support/random-events.ts";
import { bytesOf, REPAIRED, TEXT_ROWS } from "./support/text-rows.ts";
import { startFieldCaseStack, type FieldCaseStack } from "./support/field-case-stack.ts";

/** An index of an older version, with its mapping. */
const OLD_INDEX = "logs-7d-old";
const OLD_MAPPING = {
  mappings: {
    dynamic: false,
    properties: {
      "@timestamp": { type: "date" },
      observedTimestamp: { type: "date" },
      severity: { properties: { text: { type: "keyword" }, number: { type: "byte" } } },
      body: { type: "text", analyzer: "standard" },
      edgelog: { properties: { app: { type: "keyword" }, values: { type: "keyword" } } },
      log: { properties: { record: { properties: { uid: { type: "keyword" } } } } },
    },
  },
};

let stack: FieldCaseStack;
beforeAll(async () => {
  stack = await startFieldCaseStack();
});
afterAll(() => stack?.[Symbol.asyncDispose]());

const bodiesOf = (hits: readonly SearchHit[]): readonly string[] => hits.map(({ document }) => document.body);
const SAME_TIME = Date.now() - 120_000;

describe("text", () => {
  it.each(TEXT_ROWS)("$name", async ({ payload, body, queries, changes }) => {
    expect(await stack.post(payload)).toMatchObject({ stored: 1, rejected: [] });
    for (const query of queries) {
      const hits = await stack.search(query);
      expect([query, bodiesOf(hits)]).toEqual([query, [body]]);
      expect(hits[0]?.document.edgelog.changes).toEqual(changes);
    }
  });

  it("A1: over MQTT", async () => {
    expect(await stack.publish(String.raw`{"body":"published \ud83d wordah"}`)).toMatchObject({ stored: 1 });
    expect(bodiesOf(await stack.search("wordah"))).toEqual(["published \ufffd wordah"]);
  });

  it("A2: an invalid byte costs nothing of the lines around it", async () => {
    const lines = bytesOf('{"body":"linebd 1"}\n{"body":"linebd 2 ', 0xff, '"}\n{"body":"linebd 3"}\n');
    expect(await stack.post(lines)).toMatchObject({ stored: 3, rejected: [] });
    const hits = await stack.search("linebd");
    expect(bodiesOf(hits)).toEqual(["linebd 3", "linebd 2 \ufffd", "linebd 1"]);
    expect(hits.map(({ document }) => document.edgelog.changes)).toEqual([undefined, REPAIRED, undefined]);
  });

  it("A2: binary payloads are rejected, and kept", async () => {
    const binary = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0xff, 0xfe);
    expect(await stack.post(binary)).toMatchObject({ stored: 0, rejected: [{ reason: "not_utf8" }] });
  });

  it("A3, A4: highlights mark the word without the colours, and the name that contains a part", async () => {
    const rangesOf = async (query: string): Promise<readonly string[]> => {
      const [hit] = await stack.search(query, { highlight: "true" });
      const { body = "" } = hit?.document ?? {};
      return (hit?.highlights ?? []).flatMap(({ ranges }) => ranges.map(([start, end]) => body.slice(start, end)));
    };
    expect(await rangesOf("connectionzz refusedzz")).toEqual(["Connectionzz", "refusedzz"]);
    expect(await rangesOf("pointer timeout xx4a")).toEqual(["NullPointerException", "timeout", "xx4a"]);
    expect(await rangesOf('"lang.NullPointerException" xx4a')).toEqual(["lang", "NullPointerException", "xx4a"]);
    expect(await rangesOf("cafés xx4d")).toEqual(["cafe\u0301s", "xx4d"]);
  });

  it("does not find words that are only similar", async () => {
    for (const query of ["findOneX xx4a", '"oops java" xx4a', "31m xx4a", "decline xx4c"]) {
      expect([query, bodiesOf(await stack.search(query))]).toEqual([query, []]);
    }
  });
});

describe("numbers", () => {
  const DIGITS = ["738529527931269425", "1e400", "0.1000000000000000055", "-0", "9007199254740993", "-1e-400"];

  it.each(DIGITS)("A5: %s keeps its digits and is found", async (digits) => {
    const name = `n${DIGITS.indexOf(digits)}`;
    expect(await stack.post(`{"body":"number5a","attributes":{"${name}":${digits}}}`)).toMatchObject({ stored: 1 });
    const [hit, ...others] = await stack.search(`${name}:"${digits}"`);
    expect(others).toEqual([]);
    expect(hit?.document.attributes?.[name]).toBe(digits);
    expect(hit?.document.edgelog.changes).toEqual(["number_as_text"]);
    expect(await stack.search(`${name}:${digits}`)).toHaveLength(1);
  });

  it("A5: are compared exactly", async () => {
    const numbers = ["738529527931269424", "738529527931269425", "738529527931269426", "5"];
    const events = numbers.map((digits) => `{"body":"order5b ${digits}","attributes":{"order.id":${digits}}}`);
    await stack.post(`[${events.join(",")}]`);
    const find = async (condition: string): Promise<readonly string[]> =>
      bodiesOf(await stack.search(`order5b order.id:${condition}`))
        .map((body) => body.slice("order5b ".length))
        .toReversed();
    expect(await find("738529527931269425")).toEqual(["738529527931269425"]);
    expect(await find(">738529527931269424")).toEqual(["738529527931269425", "738529527931269426"]);
    expect(await find("<738529527931269425")).toEqual(["738529527931269424", "5"]);
    expect(await find("738529527931269424..738529527931269425")).toEqual(numbers.slice(0, 2));
    expect(await find(">1e400")).toEqual([]);
  });

  it("A5: are exported with their digits", async () => {
    const { file } = stack.stack;
    const path = `/export?format=csv&columns=order.id&q=${encodeURIComponent("order5b")}`;
    const response = await fetch(new URL(path, file.worker), {
      headers: { Authorization: `Bearer ${file.readerToken}` },
    });
    expect(await response.text()).toContain("738529527931269425");
  });

  it("A5: of a typed field keep their digits, too", async () => {
    await stack.post(
      '{"body":"typed5c","attributes":{"duration.ms":0.30000000000000004441,"user.id":738529527931269425}}',
    );
    const [hit] = await stack.search("typed5c duration:>0.3");
    expect(hit?.document).toMatchObject({
      duration: { ms: 0.300_000_000_000_000_04 },
      attributes: { "duration.ms": "0.30000000000000004441" },
      user: { id: "738529527931269425" },
    });
  });
});

describe("order", () => {
  const COUNT = 30;
  const numbers = Array.from({ length: COUNT }, (_, i) => i);

  /** Payloads with `COUNT` events whose bodies are the word of the row and their number. */
  const ORDER_ROWS: readonly (readonly [string, (word: string) => readonly (string | object)[]])[] = [
    ["NDJSON without times", (word) => [numbers.map((n) => JSON.stringify({ body: `${word} ${n}` })).join("\n")]],
    ["a JSON array", (word) => [numbers.map((n) => ({ body: `${word} ${n}` }))]],
    ["a batch without ids", (word) => [{ v: 1, events: numbers.map((n) => ({ body: `${word} ${n}` })) }]],
    ["a batch with an id", (word) => [{ v: 1, id: uuidv7(), events: numbers.map((n) => ({ body: `${word} ${n}` })) }]],
    [
      "a batch with ids of version 4",
      (word) => [{ v: 1, events: numbers.map((n) => ({ id: uuidv4(), body: `${word} ${n}` })) }],
    ],
    ["events with the same time", (word) => [numbers.map((n) => ({ time: Date.now() - 1_000, body: `${word} ${n}` }))]],
    ["requests one after another", (word) => numbers.map((n) => ({ time: SAME_TIME, body: `${word} ${n}` }))],
    [
      "lines of text",
      (word) => [
        `{"body":"${word} 0"}\n${numbers
          .slice(1)
          .map((n) => `${word} ${n}`)
          .join("\n")}`,
      ],
    ],
  ];

  it.each(ORDER_ROWS)("A6: %s are listed in the order of sending", async (_, make) => {
    const word = `order6${ORDER_ROWS.findIndex(([, each]) => each === make)}`;
    for (const payload of make(word)) expect((await stack.post(payload)).rejected).toEqual([]);
    const expected = numbers.map((n) => `${word} ${n}`);
    expect(bodiesOf(await stack.search(word)).toReversed()).toEqual(expected);
    const paged: string[] = [];
    for (let cursor: string | undefined = ""; cursor !== undefined;) {
      const page: SearchResponse = await stack.read(
        `/search?q=${word}&limit=7${cursor === "" ? "" : `&cursor=${cursor}`}`,
      );
      paged.push(...bodiesOf(page.hits));
      cursor = page.nextCursor;
    }
    expect(paged.toReversed()).toEqual(expected);
  });

  it("A6: messages of one client over MQTT are listed in the order of sending", async () => {
    await Promise.all(numbers.map((n) => stack.publish({ body: `mqtt6a ${n}`, attributes: { "session.id": "s6a" } })));
    const hits = await stack.search("mqtt6a");
    expect(bodiesOf(hits).toReversed()).toEqual(numbers.map((n) => `mqtt6a ${n}`));
    const middle = hits[COUNT / 2];
    const context = await stack.read<ContextResponse>(`/context?id=${middle?.id}&by=session`);
    const around = [...context.before, context.event, ...context.after];
    expect(bodiesOf(around)).toEqual(numbers.map((n) => `mqtt6a ${n}`));
  });

  it("A6: nanoseconds are kept and decide the order", async () => {
    const base = BigInt(Date.now() - 60_000) * 1_000_000n;
    const offsets = [999_999, 5, 500_000, 1];
    const events = offsets.map((nanos) => `{"body":"nanos6b ${nanos}","time":${base + BigInt(nanos)}}`);
    await stack.post(`[${events.join(",")}]`);
    const hits = (await stack.search("nanos6b")).toReversed();
    expect(bodiesOf(hits)).toEqual(["nanos6b 1", "nanos6b 5", "nanos6b 500000", "nanos6b 999999"]);
    expect(hits[0]?.document["@timestamp"]).toMatch(/\.\d{3}000001Z$/);
  });

  it("A6: an export has the order of sending, and resumes after each line", async () => {
    const { file } = stack.stack;
    const exportLines = async (more: string): Promise<readonly SearchHit[]> => {
      const response = await fetch(new URL(`/export?q=order60${more}`, file.worker), {
        headers: { Authorization: `Bearer ${file.readerToken}` },
      });
      return (await response.text())
        .split("\n")
        .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as SearchHit]));
    };
    const lines = await exportLines("");
    expect(bodiesOf(lines)).toEqual(numbers.map((n) => `order60 ${n}`));
    for (const n of [0, 11, COUNT - 1]) {
      const { id = "", document } = lines[n] ?? {};
      const rest = await exportLines(`&after=${document?.["@timestamp"]},${id}`);
      expect(bodiesOf(rest)).toEqual(numbers.slice(n + 1).map((each) => `order60 ${each}`));
    }
  });
});

describe("once", () => {
  it.each<[string, object]>([
    ["an id of version 4 and no time", { id: uuidv4(), body: "once7a" }],
    ["an id of version 7", { id: uuidv7(), body: "once7b" }],
    ["a batch with an id", { v: 1, id: uuidv4(), events: [{ body: "once7c" }] }],
  ])("A7: %s is stored once", async (_, payload) => {
    expect(await stack.post(payload)).toMatchObject({ stored: 1 });
    expect(await stack.post(payload)).toMatchObject({ stored: 0, duplicates: 1 });
    expect(await stack.publish(payload)).toMatchObject({ stored: 0, duplicates: 1 });
    const { body = "once7c" } = payload as { readonly body?: string };
    expect(await stack.search(body)).toHaveLength(1);
  });

  it("A7: the nil UUID and a repeated id do not swallow another log", async () => {
    const nil = "00000000-0000-0000-0000-000000000000";
    const id = uuidv4();
    await stack.post([
      { id: nil, body: "nil7d 1" },
      { id: nil, body: "nil7d 2" },
      { id, body: "nil7d 3" },
      { id, body: "nil7d 4" },
    ]);
    const hits = (await stack.search("nil7d")).toReversed();
    expect(hits.map(({ document }) => document.edgelog.claimedId)).toEqual([nil, nil, undefined, id]);
  });
});

describe("any accepted event", () => {
  it("is returned as it was sent, in the order of sending, and found by each word of its body", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(randomEvent, { minLength: 40, maxLength: 40 }), async (events) => {
        const { rejected } = await stack.post(`[${events.map(toJson).join(",")}]`);
        const refused = new Set(rejected.map(({ index }) => index));
        for (const [i, { id, body, attributes }] of events.entries()) {
          if (refused.has(i)) continue;
          const words = wordsOf(body).map((word) => `"${word}"`);
          const [hit] = await stack.search(`id:${id} ${words.join(" ")}`);
          expect([words, hit?.document.body]).toEqual([words, body.toWellFormed()]);
          expect([attributes, isAsSent(attributes, hit?.document.attributes ?? {})]).toEqual([attributes, true]);
        }
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });
});

describe("an index with the mapping of an older version", () => {
  it("is searched, sorted and paged together with the others", async () => {
    const { file } = stack.stack;
    const request = (path: string, method: string, body: object): Promise<Response> =>
      fetch(new URL(path, file.opensearch), {
        method,
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
    expect((await request(`/${OLD_INDEX}`, "PUT", OLD_MAPPING)).status).toBe(200);
    const time = new Date(Date.now() - 3_600_000).toISOString();
    const ids = [uuidv7(), uuidv7()];
    for (const [i, id] of ids.entries()) {
      await request(`/${OLD_INDEX}/_create/${id}`, "PUT", {
        "@timestamp": time,
        observedTimestamp: time,
        severity: { text: "info", number: 9 },
        body: `java.lang.OldException oldword8a ${i}`,
        log: { record: { uid: id } },
        edgelog: { app: file.app.id, transport: "http", dialect: "event" },
      });
    }
    await stack.post({ body: "new oldword8a", time });
    expect(await stack.search("oldword8a")).toHaveLength(3);
    expect(await stack.search("java.lang.OldException oldword8a")).toHaveLength(2);
    expect(await stack.search("java.lang.Old* oldword8a")).toHaveLength(2);
    const paged: string[] = [];
    for (let cursor: string | undefined = ""; cursor !== undefined;) {
      const page: SearchResponse = await stack.read(
        `/search?q=oldword8a&limit=1${cursor === "" ? "" : `&cursor=${cursor}`}`,
      );
      paged.push(...bodiesOf(page.hits));
      cursor = page.nextCursor;
    }
    expect(paged).toEqual([
      "new oldword8a",
      "java.lang.OldException oldword8a 1",
      "java.lang.OldException oldword8a 0",
    ]);
  });
});
