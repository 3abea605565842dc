import { describe, expect, it } from "vitest";
import type { UsageDocument } from "#contract/store/usage.ts";
import { SEVERITIES, type Severity } from "#contract/wire/severity.ts";
import type { Delivery } from "../src/ingest/delivery.ts";
import { ingest, type IngestPorts } from "../src/ingest/ingest.ts";
import type { NewDocument } from "../src/opensearch/bulk-create.ts";
import type { CreateOutcome } from "../src/opensearch/parse-bulk-response.ts";
import { createAppQuotas, type AppQuota } from "../src/quota/app-quotas.ts";

/** Quotas do not depend on the sender. */
const SENDER = { users: [], loggedMs: 0 };

const NOW = Date.UTC(2026, 10, 28, 12);
const MINUTE = 60_000;

const usageOf = (bytes: number): UsageDocument => ({
  day: "2026-11-28",
  countedAt: "2026-11-28T12:00:00Z",
  apps: [{ app: "shop", bytes, rejectedBytes: 0, events: 1, rejected: 0, overQuota: 0 }],
});

const eventOf = (severity: Severity, bytes = 1, timestampMs = NOW) => ({ severity, bytes, timestampMs, ...SENDER });

/** The severities that are rejected when this many of 1,000 bytes are used. */
const findRejected = async (used: number): Promise<readonly Severity[]> => {
  const open = await createAppQuotas().open("shop", { bytesPerDay: 1_000 }, NOW, async () => usageOf(used));
  return SEVERITIES.filter((severity) => open?.().admit(eventOf(severity, 0)) !== undefined);
};

describe("the quota of bytes per day", () => {
  it.each([
    [999, []],
    [1_000, ["trace", "debug"]],
    [1_100, ["trace", "debug", "info"]],
    [1_200, ["trace", "debug", "info", "warn"]],
    [1_499, ["trace", "debug", "info", "warn"]],
    [1_500, SEVERITIES],
  ])("with %i of 1,000 bytes used rejects %j", async (used, rejected) => {
    expect(await findRejected(used)).toEqual(rejected);
  });

  it("includes the bytes that this isolate stored since the last count, without those released", async () => {
    const quotas = createAppQuotas();
    const open = await quotas.open("shop", { bytesPerDay: 1_000 }, NOW, async () => usageOf(500));
    const first = open?.();
    expect(first?.admit(eventOf("debug", 500))).toBeUndefined();
    expect(open?.().admit(eventOf("debug"))).toMatchObject({ reason: "over_quota", limit: 1_000 });
    first?.release();
    expect(open?.().admit(eventOf("debug"))).toBeUndefined();
  });

  it("reads the count once a minute, and keeps the last one while OpenSearch is unavailable", async () => {
    const quotas = createAppQuotas();
    let requests = 0;
    const open = async (nowMs: number, usage: UsageDocument | undefined) =>
      await quotas.open("shop", { bytesPerDay: 1_000 }, nowMs, async () => {
        requests += 1;
        if (usage === undefined) throw new Error("unavailable");
        return usage;
      });
    await open(NOW, usageOf(1_000));
    await open(NOW + MINUTE - 1, usageOf(0));
    const later = await open(NOW + MINUTE, undefined);
    expect(later?.().admit(eventOf("debug"))).toBeDefined();
    expect(requests).toBe(2);
    // The clock was set back.
    await open(NOW - MINUTE, usageOf(0));
    expect(requests).toBe(3);
  });

  it("includes the bytes that this isolate stored while the count stays the same because the cron job has stopped", async () => {
    const quotas = createAppQuotas();
    let admitted = 0;
    let usage = usageOf(500);
    const sendMinutes = async (from: number, to: number): Promise<void> => {
      for (let minute = from; minute < to; minute += 1) {
        const open = await quotas.open("shop", { bytesPerDay: 1_000 }, NOW + minute * MINUTE, async () => usage);
        for (let i = 0; i < 20; i += 1) if (open?.().admit(eventOf("debug", 100)) === undefined) admitted += 100;
      }
    };
    await sendMinutes(0, 10);
    expect(admitted).toBe(500);
    usage = { ...usageOf(900), countedAt: "2026-11-28T12:10:00Z" };
    await sendMinutes(10, 20);
    expect(admitted).toBe(600);
  });

  it("starts again at 00:00 UTC", async () => {
    const quotas = createAppQuotas();
    await quotas.open("shop", { bytesPerDay: 1_000 }, NOW, async () => usageOf(2_000));
    const tomorrow = await quotas.open("shop", { bytesPerDay: 1_000 }, NOW + 12 * 60 * MINUTE, async () => undefined);
    expect(tomorrow?.().admit(eventOf("debug"))).toBeUndefined();
  });

  it("does not apply to an app without quotas", async () => {
    expect(await createAppQuotas().open("shop", {}, NOW, async () => usageOf(1e15))).toBeUndefined();
  });
});

describe("the quota of events per second", () => {
  const openRate = async (quota: AppQuota) => {
    const open = await createAppQuotas().open("shop", quota, NOW, async () => undefined);
    if (open === undefined) throw new Error("no quota");
    return open;
  };
  const countAdmitted = (
    open: Awaited<ReturnType<typeof openRate>>,
    count: number,
    toEvent: (i: number) => ReturnType<typeof eventOf>,
  ): number => Array.from({ length: count }, (_, i) => open().admit(toEvent(i))).filter((each) => !each).length;

  it("is averaged over 10 seconds, and errors may exceed it by half", async () => {
    const open = await openRate({ eventsPerSecond: 5 });
    expect(countAdmitted(open, 100, () => eventOf("info"))).toBe(50);
    expect(countAdmitted(open, 100, () => eventOf("error"))).toBe(25);
    expect(open().admit(eventOf("fatal"))).toMatchObject({ reason: "over_quota", limit: 5 });
  });

  it("does not reject a backlog of an hour that is sent at once", async () => {
    const open = await openRate({ eventsPerSecond: 5 });
    expect(countAdmitted(open, 18_000, (i) => eventOf("debug", 1, NOW - i * 200))).toBe(18_000);
  });

  it("does not count a delivery that will be sent again", async () => {
    const open = await openRate({ eventsPerSecond: 5 });
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const admission = open();
      for (let i = 0; i < 50; i += 1) expect(admission.admit(eventOf("info"))).toBeUndefined();
      admission.release();
    }
  });
});

const deliver = (app: string, events: readonly object[], n: number): Delivery => ({
  stamp: `019ab0a5-4a00-7000-8000-${String(n).padStart(12, "0")}`,
  transport: "mqtt",
  app,
  payload: new TextEncoder().encode(JSON.stringify(events)),
});

/** Ports of a store, and the documents it received. The app `shop` has used 110 % of its quota. */
const createPorts = (outcome: CreateOutcome = { state: "created" }) => {
  const documents: NewDocument[] = [];
  const quotas = createAppQuotas();
  const ports: IngestPorts = {
    findRetention: async () => 30,
    findAdmission: async (app) =>
      await quotas.open(app, app === "shop" ? { bytesPerDay: 1_000_000 } : {}, NOW, async () => usageOf(1_100_000)),
    openBulk: () => {
      const added: NewDocument[] = [];
      return {
        add: (document) => {
          added.push(document);
          documents.push(document);
        },
        send: async () => added.map(() => outcome),
      };
    },
  };
  return { ports, documents };
};

const parse = ({ source }: NewDocument): Record<string, unknown> => JSON.parse(source) as Record<string, unknown>;

describe("a request of an app over its quota", () => {
  const events = (["debug", "error", "info"] as const).map((severity) => ({ severity, body: `secret ${severity}` }));

  it("gets receipts with over_quota, and one document with counts and no payload", async () => {
    const { ports, documents } = createPorts();
    const receipts = await ingest(
      [deliver("shop", events, 1), deliver("victim", events, 2), deliver("shop", events, 3)],
      ports,
    );
    const overQuota = [
      { index: 0, reason: "over_quota", limit: 1_000_000 },
      { index: 2, reason: "over_quota", limit: 1_000_000 },
    ];
    expect(receipts).toMatchObject([
      { stored: 1, duplicates: 0, rejected: overQuota },
      { stored: 3, rejected: [] },
      { stored: 1, duplicates: 0, rejected: overQuota },
    ]);
    const rejected = documents.filter(({ index }) => index.startsWith("rejected-")).map(parse);
    expect(rejected).toMatchObject([
      {
        reason: "over_quota",
        edgelog: { app: "shop" },
        event: { count: 4, severities: { debug: 2, info: 2 } },
        payload: { bytes: 0 },
      },
    ]);
    expect(JSON.stringify(rejected)).not.toContain("secret");
  });

  it("gets unfinished events when the summary is not stored", async () => {
    const { ports } = createPorts({ state: "unknown" });
    const [receipt] = await ingest([deliver("shop", events, 1)], ports);
    expect(receipt).toMatchObject({ stored: 0, rejected: [], unfinished: [0, 1, 2] });
  });
});

describe("rejected events", () => {
  const QUOTA = 1_000_000;
  const RANDOM = new Uint8Array(1_000_000).fill(0xff);

  /** Delivers payloads one after the other. Returns the documents of the rejected store. */
  const deliverAll = async (
    quota: AppQuota,
    payloads: readonly Uint8Array[],
    outcome: CreateOutcome["state"] = "created",
  ) => {
    const documents: NewDocument[] = [];
    const quotas = createAppQuotas();
    const ports: IngestPorts = {
      findRetention: async () => 30,
      findAdmission: async (app) => await quotas.open(app, quota, NOW, async () => undefined),
      openBulk: () => {
        let size = 0;
        return {
          add: (document) => {
            size += 1;
            documents.push(document);
          },
          send: async () => Array.from({ length: size }, () => ({ state: outcome }) as CreateOutcome),
        };
      },
    };
    const receipts = [];
    for (const [n, payload] of payloads.entries()) {
      receipts.push(...(await ingest([{ ...deliver("shop", [], n), payload }], ports))); // oxlint-disable-line no-await-in-loop
    }
    return { documents, receipts };
  };
  const countReasons = (documents: readonly NewDocument[]) =>
    Map.groupBy(documents.map(parse), ({ reason }) => reason as string);
  const toPayload = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

  it("of 20 MB use up a quota of 1 MB; from then on they are counted without their payload", async () => {
    const { documents, receipts } = await deliverAll({ bytesPerDay: QUOTA }, Array(20).fill(RANDOM));
    expect(documents.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(1.5 * QUOTA);
    const byReason = countReasons(documents);
    expect(byReason.get("not_utf8")).toHaveLength(1);
    expect(byReason.get("over_quota")).toHaveLength(19);
    expect(byReason.get("over_quota")?.[0]).toMatchObject({ event: { count: 1 }, payload: { bytes: 0 } });
    expect(receipts.map(({ rejected }) => rejected[0]?.reason)).toEqual(["not_utf8", ...Array(19).fill("over_quota")]);
  });

  it("leave less of the quota to valid events", async () => {
    const payloads = [
      RANDOM,
      toPayload([{ severity: "debug", body: "a" }, { severity: "error", body: "a" }, { body: 1 }]),
    ];
    const { receipts } = await deliverAll({ bytesPerDay: QUOTA }, payloads);
    expect(receipts[1]).toMatchObject({ stored: 1, rejected: [{ index: 0 }, { index: 2, reason: "over_quota" }] });
  });

  it("are limited in a second, apart from valid events", async () => {
    const invalid = toPayload(Array.from({ length: 30 }, () => ({ severity: "none" })));
    const { documents, receipts } = await deliverAll({ eventsPerSecond: 1 }, [invalid, toPayload([{ body: "a" }])]);
    expect(receipts.map(({ stored, rejected }) => [stored, rejected.length])).toEqual([
      [0, 30],
      [1, 0],
    ]);
    const rejected = documents.map(parse).filter(({ reason }) => reason !== undefined);
    expect(rejected).toHaveLength(11);
    expect(rejected.at(-1)).toMatchObject({ reason: "over_quota", event: { count: 20 } });
  });

  it("are not counted when they will be sent again", async () => {
    const { documents } = await deliverAll({ bytesPerDay: QUOTA }, [RANDOM, RANDOM], "unknown");
    expect([...countReasons(documents).keys()]).toEqual(["not_utf8"]);
  });
});

it("counts a delivery once, although it is sent again until it is stored", async () => {
  const quotas = createAppQuotas();
  let outcome: CreateOutcome = { state: "unknown" };
  const ports: IngestPorts = {
    findRetention: async () => 30,
    findAdmission: async (app) => await quotas.open(app, { eventsPerSecond: 1 }, NOW, async () => undefined),
    openBulk: () => {
      let size = 0;
      return { add: () => void (size += 1), send: async () => Array.from({ length: size }, () => outcome) };
    },
  };
  const delivery = deliver(
    "shop",
    Array.from({ length: 10 }, () => ({ body: "a" })),
    1,
  );
  for (let attempt = 0; attempt < 5; attempt += 1) {
    expect((await ingest([delivery], ports))[0]?.unfinished).toHaveLength(10);
  }
  outcome = { state: "created" };
  expect(await ingest([delivery], ports)).toMatchObject([{ stored: 10, rejected: [] }]);
  // The stored events are counted: the window is full.
  expect((await ingest([delivery], ports))[0]?.rejected).toHaveLength(10);
});

it.each([
  ["stored", { body: "ü", attributes: { a: 1 } }],
  ["rejected", { body: 1, attributes: { a: "ü" } }],
])("the document of a %s event contains its size without the field itself", async (_, event) => {
  const { ports, documents } = createPorts();
  await ingest([deliver("victim", [event], 1)], ports);
  const [document] = documents;
  const { bytes } = parse(document ?? { index: "", id: "", source: "{}", bytes: 0 })["edgelog"] as { bytes: number };
  expect(bytes).toBe(Buffer.byteLength(document?.source ?? "") - `,"bytes":${bytes}`.length);
  expect(document?.bytes).toBe(Buffer.byteLength(document?.source ?? ""));
});
