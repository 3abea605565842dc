/**
 * An event with an id is one document, whenever it is sent again. The events are planned with the clock of the test and stored
 * in a real OpenSearch.
 */
import { v4 as uuidv4, v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Receipt } from "#contract/wire/receipt.ts";
import { setUpOpenSearch } from "../../opensearch/setup.ts";
import { ingest } from "../../worker/src/ingest/ingest.ts";
import { openBulk } from "../../worker/src/opensearch/bulk-create.ts";
import { createStoreClient } from "../../worker/src/opensearch/client.ts";
import { findExisting } from "../../worker/src/opensearch/find-existing.ts";
import { leaseOpenSearch, type OpenSearchLease } from "../support/opensearch/lease.ts";
import { queryOpenSearch } from "../support/query-opensearch.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const RETENTION_DAYS = 30;
const RETENTION_MS = RETENTION_DAYS * DAY_MS;

const MIDNIGHT = Date.parse("2026-11-18T00:00:00Z");

let opensearch: OpenSearchLease;
beforeAll(async () => {
  opensearch = await leaseOpenSearch();
  await setUpOpenSearch(opensearch.url);
});
afterAll(() => opensearch?.[Symbol.asyncDispose]());

/** Stores a payload that arrives at a time. */
const send = async (payload: object, atMs: number, app = "shop"): Promise<Receipt> => {
  const client = createStoreClient({ url: opensearch.url });
  const stamp = uuidv7({ msecs: atMs });
  const bytes = new TextEncoder().encode(JSON.stringify(payload));
  const [receipt] = await ingest([{ stamp, transport: "http", app, payload: bytes }], {
    findRetention: () => Promise.resolve(RETENTION_DAYS),
    openBulk: () => openBulk(client, () => undefined),
    findExisting: (refs) => findExisting(client, refs),
  });
  if (receipt === undefined) throw new Error("no receipt");
  return receipt;
};

const count = async (marker: string): Promise<number> => {
  await queryOpenSearch(opensearch.url, "/logs-*/_refresh");
  const query = { term: { "session.id": marker } };
  return (await queryOpenSearch<{ count: number }>(opensearch.url, "/logs-*/_count", { query })).count;
};

/** Payloads whose events survive a resend, by the name of the case. `time`: the time of the event in its payload or id. */
type MakePayload = (marker: string, timeMs: number) => object;

const attributesOf = (marker: string): object => ({ "session.id": marker });

const DATED: readonly (readonly [string, MakePayload])[] = [
  ["an id of version 7", (marker, msecs) => ({ id: uuidv7({ msecs }), body: "b", attributes: attributesOf(marker) })],
  [
    "an id of version 4 and a time",
    (marker, time) => ({ id: uuidv4(), time, body: "b", attributes: attributesOf(marker) }),
  ],
  [
    "a batch with an id of version 7",
    (marker, msecs) => ({
      v: 1,
      id: uuidv7({ msecs }),
      attributes: attributesOf(marker),
      events: [{ body: "a" }, { body: "b" }],
    }),
  ],
  [
    "a batch with an id of version 4 and events with a time",
    (marker, time) => ({
      v: 1,
      id: uuidv4(),
      attributes: attributesOf(marker),
      events: [
        { time, body: "a" },
        { time, body: "b" },
      ],
    }),
  ],
];

const UNDATED: readonly (readonly [string, MakePayload])[] = [
  ["an id of version 4", (marker) => ({ id: uuidv4(), body: "b", attributes: attributesOf(marker) })],
  [
    "an id of version 1",
    (marker) => ({ id: "c232ab00-9414-11ec-b3c8-9f6bdeced846", body: "b", attributes: attributesOf(marker) }),
  ],
  [
    "an id of version 4 in a batch",
    (marker) => ({ v: 1, id: uuidv7(), attributes: attributesOf(marker), events: [{ id: uuidv4(), body: "a" }] }),
  ],
  [
    "a batch with an id of version 4",
    (marker) => ({ v: 1, id: uuidv4(), attributes: attributesOf(marker), events: [{ body: "a" }, { body: "b" }] }),
  ],
];

/** Sends a payload several times. Returns the number of stored events and duplicates of each delivery, and of documents. */
const sendAgain = async (
  payload: object,
  marker: string,
  timesMs: readonly number[],
): Promise<{ readonly receipts: readonly (readonly [number, number])[]; readonly documents: number }> => {
  const receipts: (readonly [number, number])[] = [];
  for (const atMs of timesMs) {
    const { stored, duplicates } = await send(payload, atMs);
    receipts.push([stored, duplicates]);
  }
  return { receipts, documents: await count(marker) };
};

/** The result of {@link sendAgain} with three deliveries if each event is stored once. */
const onceOf = (payload: object): object => {
  const { length: events } = (payload as { readonly events?: readonly object[] }).events ?? [payload];
  return {
    receipts: [
      [events, 0],
      [0, events],
      [0, events],
    ],
    documents: events,
  };
};

const BEFORE_MIDNIGHT = MIDNIGHT - 100;

describe("an event is stored once over midnight and days later, with", () => {
  it.each([...DATED, ...UNDATED])("%s", async (_, make) => {
    const marker = uuidv4();
    const payload = make(marker, BEFORE_MIDNIGHT);
    const times = [BEFORE_MIDNIGHT, MIDNIGHT + 5 * SECOND_MS, MIDNIGHT + 3 * DAY_MS];
    expect(await sendAgain(payload, marker, times)).toEqual(onceOf(payload));
  });
});

describe("an event is stored once at the end of the retention, with", () => {
  it.each(DATED)("%s", async (_, make) => {
    const marker = uuidv4();
    const payload = make(marker, MIDNIGHT - RETENTION_MS);
    const times = [MIDNIGHT - SECOND_MS, MIDNIGHT + SECOND_MS, MIDNIGHT + HOUR_MS];
    expect(await sendAgain(payload, marker, times)).toEqual(onceOf(payload));
  });
});

describe("an event is stored once when its time is no longer a day in the future, with", () => {
  it.each(DATED)("%s", async (_, make) => {
    const marker = uuidv4();
    const payload = make(marker, MIDNIGHT + DAY_MS);
    const times = [MIDNIGHT - SECOND_MS, MIDNIGHT + SECOND_MS, MIDNIGHT + 22 * HOUR_MS];
    expect(await sendAgain(payload, marker, times)).toEqual(onceOf(payload));
  });
});

describe("events with one id", () => {
  it("in different batches are one document: that of the first delivery", async () => {
    const marker = uuidv4();
    const event = { id: uuidv4(), body: "b", attributes: attributesOf(marker) };
    await send({ v: 1, id: uuidv7(), events: [event] }, BEFORE_MIDNIGHT);
    expect(await send({ v: 1, id: uuidv7(), events: [event] }, MIDNIGHT + DAY_MS)).toMatchObject({ duplicates: 1 });
    expect(await count(marker)).toBe(1);
  });

  it("in two apps are two documents", async () => {
    const marker = uuidv4();
    const id = uuidv7({ msecs: BEFORE_MIDNIGHT });
    for (const payload of [
      { id, body: "b", attributes: attributesOf(marker) },
      { v: 1, id, attributes: attributesOf(marker), events: [{ body: "b" }] },
    ]) {
      for (const app of ["shop", "news"])
        expect(await send(payload, BEFORE_MIDNIGHT, app)).toMatchObject({ stored: 1 });
      expect(await send(payload, MIDNIGHT, "news")).toMatchObject({ stored: 0, duplicates: 1 });
    }
    expect(await count(marker)).toBe(4);
  });

  it("in one batch are all stored if their content differs, and once when the batch is sent again", async () => {
    const marker = uuidv4();
    const id = uuidv7({ msecs: BEFORE_MIDNIGHT });
    const events = [
      { id, body: "a" },
      { id, body: "b" },
      { id, body: "a" },
    ];
    const batch = { v: 1, attributes: attributesOf(marker), events };
    expect(await send(batch, BEFORE_MIDNIGHT)).toMatchObject({ stored: 2, duplicates: 1 });
    expect(await send(batch, MIDNIGHT + DAY_MS)).toMatchObject({ stored: 0, duplicates: 3 });
    expect(await count(marker)).toBe(2);
  });

  it("are all stored if the id is the nil UUID", async () => {
    const marker = uuidv4();
    const id = "00000000-0000-0000-0000-000000000000";
    const events = [
      { id, body: "a" },
      { id, body: "b" },
    ];
    const batch = { v: 1, id: uuidv7({ msecs: BEFORE_MIDNIGHT }), attributes: attributesOf(marker), events };
    const times = [BEFORE_MIDNIGHT, MIDNIGHT + SECOND_MS, MIDNIGHT + DAY_MS];
    expect(await sendAgain(batch, marker, times)).toEqual(onceOf(batch));
  });
});

describe("a time whose UTC year is not from 0 to 9999 becomes the time of arrival and is marked:", () => {
  it.each([
    [
      "the last hours of 9999 in a western zone",
      { time: "9999-12-31T23:59:59.999-12:00" },
      "+010000-01-01T11:59:59.999Z",
    ],
    [
      "the first hours of the year 0 in an eastern zone",
      { time: "0000-01-01T00:00:00+14:00" },
      "-000001-12-31T10:00:00.000Z",
    ],
    [
      "the last time of an id of version 7",
      { id: "ffffffff-ffff-7fff-bfff-ffffffffff00" },
      "+010889-08-02T05:31:50.655Z",
    ],
  ])("%s", async (_, fields, claimed) => {
    const marker = uuidv4();
    const payload = { ...fields, body: "b", attributes: attributesOf(marker) };
    expect(await send(payload, MIDNIGHT)).toMatchObject({ stored: 1 });
    expect(await count(marker)).toBe(1);
    const query = {
      bool: { filter: [{ term: { "session.id": marker } }, { term: { "edgelog.claimedTime": claimed } }] },
    };
    expect((await queryOpenSearch<{ count: number }>(opensearch.url, "/logs-*/_count", { query })).count).toBe(1);
  });
});
