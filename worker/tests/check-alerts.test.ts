import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { alertRuleSchema, type AlertRule } from "#contract/api/alerts.ts";
import { checkAlerts } from "../src/alerts/check-alerts.ts";
import { toSelection } from "../src/alerts/evaluate-rules.ts";
import { StoreUnavailableError, type StoreClient, type StoreResponse } from "../src/opensearch/client.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 29, 3);
const POLICY = { isPrivateAllowed: true, isLoopbackAllowed: true, ownHosts: [] };

/** Paths of the requests that the webhook received. */
let notified: string[] = [];
let webhookStatus = 200;
let webhook: Server;
let webhookUrl: string;
beforeAll(async () => {
  webhook = createServer((request, response) => {
    notified.push(request.url ?? "");
    request.resume().on("end", () => response.writeHead(webhookStatus).end());
  });
  await new Promise<void>((resolve) => webhook.listen(0, "127.0.0.1", resolve));
  webhookUrl = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}`;
});
afterAll(() => webhook.close());

const toId = (i: number): string => `00000000-0000-7000-8000-${String(i).padStart(12, "0")}`;

interface Document {
  rule: AlertRule;
  seqNo: number;
}

/** The alerts index and the search in memory. */
const createStore = (count: number) => {
  const documents = new Map<string, Document>();
  for (let i = 0; i < count; i += 1) {
    const rule = alertRuleSchema.parse({
      id: toId(i),
      name: `rule ${i}`,
      apps: ["shop"],
      q: "level:error",
      threshold: 10,
      windowMinutes: 5,
      webhookUrl: `${webhookUrl}/${i}`,
      createdAt: new Date(START).toISOString(),
      updatedAt: new Date(START).toISOString(),
      state: { status: "no_data" },
    });
    documents.set(rule.id, { rule, seqNo: i });
  }
  const requests: string[] = [];
  const store = {
    documents,
    requests,
    /** The count of the rule at this position of the request; `undefined` if its search fails with `failedStatus`. */
    countOf: (_position: number): number | undefined => 0,
    failedStatus: 500,
    /** Called before a bulk request is applied. */
    beforeBulk: (): void => undefined,
  };
  const search = (): StoreResponse => ({
    status: 200,
    body: {
      _shards: { total: 1, successful: 1, failed: 0 },
      hits: {
        hits: [...documents.values()].map(({ rule, seqNo }) => ({ _source: rule, _seq_no: seqNo, _primary_term: 1 })),
      },
    },
  });
  const postLines = (path: string, text: string): StoreResponse => {
    const lines = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    if (path.startsWith("/_msearch")) {
      const responses = Array.from({ length: lines.length / 2 }, (_, i) => {
        const value = store.countOf(i);
        return value === undefined
          ? { error: { type: "x" }, status: store.failedStatus }
          : { hits: { total: { value } } };
      });
      return { status: 200, body: { responses } };
    }
    store.beforeBulk();
    const items: object[] = [];
    for (let i = 0; i < lines.length; i += 2) {
      const { _id, if_seq_no } = lines[i]!["index"] as { _id: string; if_seq_no: number };
      const current = documents.get(_id);
      if (current?.seqNo !== if_seq_no) items.push({ index: { status: 409 } });
      else {
        const seqNo = 1_000_000 + if_seq_no;
        documents.set(_id, { rule: lines[i + 1] as unknown as AlertRule, seqNo });
        items.push({ index: { status: 200, _seq_no: seqNo, _primary_term: 1 } });
      }
    }
    return { status: 200, body: { items } };
  };
  let check: object | undefined;
  const client: StoreClient = {
    request: async (method, path, body) => {
      requests.push(`${method} ${path.split("?")[0]}`);
      if (!path.startsWith("/edgelog-status/_doc/alerts")) return search();
      if (method === "PUT") check = body;
      return check === undefined ? { status: 404, body: {} } : { status: 200, body: { _source: check } };
    },
    requestWithin: async () => search(),
    postLines: async (path, lines) => {
      requests.push(`POST ${path}`);
      return postLines(path, lines.toString());
    },
  };
  /** A request `PUT /alerts/{id}`, which preserves the state. */
  const edit = (id: string, change: Partial<AlertRule>): void => {
    const { rule, seqNo } = documents.get(id)!;
    documents.set(id, { rule: { ...rule, ...change }, seqNo: seqNo + 500 });
  };
  /** A client whose bulk request with this number fails, before or after it is applied. */
  const failingAt = (bulk: number, when: "before" | "after"): StoreClient => {
    let bulks = 0;
    return {
      ...client,
      postLines: async (path, lines, signal) => {
        if (path.startsWith("/_bulk")) bulks += 1;
        const isFailing = path.startsWith("/_bulk") && bulks === bulk;
        if (isFailing && when === "before") throw new StoreUnavailableError("TimeoutError");
        const response = await client.postLines(path, lines, signal);
        if (isFailing) throw new StoreUnavailableError("TimeoutError");
        return response;
      },
    };
  };
  return Object.assign(store, { client, edit, failingAt });
};

beforeEach(() => {
  notified = [];
  webhookStatus = 200;
});

it("the windows of consecutive checks are adjacent, and leave out logs that may not be searchable yet", () => {
  const [document] = createStore(1).documents.values();
  const rule: AlertRule = { ...document!.rule, windowMinutes: 1 };
  const [first, second] = [START, START + MINUTE].map((nowMs) => {
    const { clause, range } = toSelection(rule, nowMs)!;
    expect(JSON.stringify(clause)).toContain(`"gte":${range.fromMs},"lt":${range.toMs}`);
    return range;
  });
  expect(first).toEqual({ fromMs: START - 70_000, toMs: START - 10_000 });
  expect(second?.fromMs).toBe(first?.toMs);
});

describe(checkAlerts, () => {
  it("counts and writes 250 rules with one request each, and writes only what changed", async () => {
    const store = createStore(250);
    await checkAlerts(store.client, START, POLICY);
    const [read, write] = ["GET", "PUT"].map((method) => `${method} /edgelog-status/_doc/alerts`);
    expect(store.requests.slice(1)).toEqual([read, "POST /_msearch", "POST /_bulk?refresh=true", write]);
    store.requests.length = 0;
    await checkAlerts(store.client, START + MINUTE, POLICY);
    expect(store.requests.slice(1)).toEqual([read, "POST /_msearch", write]);
    // The time of the last check is at most 10 minutes old.
    await checkAlerts(store.client, START + 10 * MINUTE, POLICY);
    expect(store.documents.get(toId(7))?.rule.state.checkedAt).toBe(new Date(START + 10 * MINUTE).toISOString());
  });

  it("notifies once for a rule that fires, even when two checks overlap", async () => {
    const store = createStore(3);
    store.countOf = (i) => (i === 1 ? 50 : 0);
    await Promise.all([
      checkAlerts(store.client, START, POLICY),
      checkAlerts(store.client, START, POLICY),
      checkAlerts(store.client, START, POLICY),
    ]);
    expect(notified).toEqual(["/1"]);
    await checkAlerts(store.client, START + MINUTE, POLICY);
    expect(notified).toEqual(["/1"]);
    await checkAlerts(store.client, START + 5 * MINUTE, POLICY);
    expect(notified).toEqual(["/1", "/1"]);
  });

  it("leaves notifications to the next check when webhooks are slow", async () => {
    const store = createStore(6);
    store.countOf = () => 50;
    let seconds = 0;
    await checkAlerts(store.client, START, POLICY, () => (seconds += 10) * 1_000);
    expect(notified).toHaveLength(3);
    store.countOf = () => 0;
    await checkAlerts(store.client, START + MINUTE, POLICY);
    expect(notified.toSorted()).toEqual(["/0", "/1", "/2", "/3", "/4", "/5"]);
    await checkAlerts(store.client, START + 2 * MINUTE, POLICY);
    expect(notified).toHaveLength(6);
  });

  it.each([
    { failedStatus: 500, reason: "the search failed" },
    { failedStatus: 400, reason: "OpenSearch refuses the query" },
  ])("checks the other rules if the search of one responds with $failedStatus", async ({ failedStatus, reason }) => {
    const store = createStore(3);
    store.failedStatus = failedStatus;
    store.countOf = (i) => (i === 0 ? undefined : 50);
    await checkAlerts(store.client, START, POLICY);
    expect(notified.toSorted()).toEqual(["/1", "/2"]);
    expect(store.documents.get(toId(0))?.rule.state).toEqual({
      status: "no_data",
      missed: { from: new Date(START - 70_000).toISOString() },
      lastError: `The logs could not be counted: ${reason} (x).`,
    });
    store.countOf = () => 50;
    await checkAlerts(store.client, START + MINUTE, POLICY);
    expect(store.documents.get(toId(0))?.rule.state).not.toHaveProperty("lastError");
  });
});

describe("a notification whose check fails", () => {
  const firing = (): ReturnType<typeof createStore> => Object.assign(createStore(1), { countOf: () => 50 });
  /** The checks of the following minutes, in which the rule does not fire. */
  const checkLater = async (store: ReturnType<typeof createStore>): Promise<void> => {
    store.countOf = () => 0;
    webhookStatus = 200;
    for (let minute = 1; minute <= 3; minute += 1) await checkAlerts(store.client, START + minute * MINUTE, POLICY);
  };
  const stateOf = (store: ReturnType<typeof createStore>): AlertRule["state"] =>
    store.documents.get(toId(0))!.rule.state;

  it("is sent by the next check if the response to the claim was lost", async () => {
    const store = firing();
    await expect(checkAlerts(store.failingAt(1, "after"), START, POLICY)).rejects.toThrow(StoreUnavailableError);
    expect([notified, stateOf(store).notifiedAt]).toEqual([[], undefined]);
    await checkLater(store);
    expect(notified).toEqual(["/0"]);
    expect(stateOf(store)).toMatchObject({ status: "ok", notifiedAt: new Date(START + MINUTE).toISOString() });
  });

  it("is sent by the next check if the webhook refuses it and the result cannot be written", async () => {
    const store = firing();
    webhookStatus = 503;
    await expect(checkAlerts(store.failingAt(2, "before"), START, POLICY)).rejects.toThrow(StoreUnavailableError);
    expect(notified).toEqual(["/0"]);
    await checkLater(store);
    expect(notified).toEqual(["/0", "/0"]);
  });

  it("is sent by the next check if the Worker ends after the claim", async () => {
    const store = firing();
    await new Promise<void>((onClaimed) => {
      const postLines: StoreClient["postLines"] = async (path, lines, signal) => {
        const response = await store.client.postLines(path, lines, signal);
        if (!path.startsWith("/_bulk")) return response;
        onClaimed();
        return await new Promise<never>(() => undefined);
      };
      void checkAlerts({ ...store.client, postLines }, START, POLICY);
    });
    await checkLater(store);
    expect(notified).toEqual(["/0"]);
  });

  it("is sent again if it was delivered and the result could not be written", async () => {
    const store = firing();
    await expect(checkAlerts(store.failingAt(2, "before"), START, POLICY)).rejects.toThrow(StoreUnavailableError);
    await checkLater(store);
    expect(notified).toEqual(["/0", "/0"]);
  });

  it.each([
    { status: 503, expected: ["/0", "/edited"] },
    { status: 200, expected: ["/0"] },
  ])("keeps its result if the rule is edited while the webhook responds with $status", async ({ status, expected }) => {
    const store = firing();
    webhookStatus = status;
    const fetcher = {
      fetch: async (url: string, init: RequestInit): Promise<Response> => {
        store.edit(toId(0), {
          name: "edited",
          webhookUrl: `${webhookUrl}/edited`,
          updatedAt: new Date(START + 1_000).toISOString(),
        });
        return await fetch(url, init);
      },
    };
    await checkAlerts(store.client, START, { ...POLICY, fetcher });
    expect(stateOf(store)).toMatchObject(
      status === 200
        ? { notifiedAt: new Date(START).toISOString() }
        : { pending: { count: 50, at: new Date(START).toISOString() }, lastError: "The webhook responded with 503." },
    );
    await checkLater(store);
    expect(notified).toEqual(expected);
    expect(store.documents.get(toId(0))?.rule.name).toBe("edited");
  });

  it("is not sent again in its window if an edit removes it while it is sent", async () => {
    const store = firing();
    const fetcher = {
      fetch: async (url: string, init: RequestInit): Promise<Response> => {
        const { pending: _, ...state } = stateOf(store);
        store.edit(toId(0), { threshold: 20, state });
        return await fetch(url, init);
      },
    };
    await checkAlerts(store.client, START, { ...POLICY, fetcher });
    await checkAlerts(store.client, START + MINUTE, POLICY);
    expect(notified).toEqual(["/0"]);
    expect(store.documents.get(toId(0))?.rule).toMatchObject({ threshold: 20, state: { status: "firing", count: 50 } });
  });

  it.each([0, -5_000, 45_000])("is not sent by a check that starts while it is sent, %d ms later", async (laterMs) => {
    const store = firing();
    const fetcher = {
      fetch: async (url: string, init: RequestInit): Promise<Response> => {
        store.countOf = () => 51;
        await checkAlerts(store.client, START + laterMs, POLICY);
        return await fetch(url, init);
      },
    };
    await checkAlerts(store.client, START, { ...POLICY, fetcher });
    await checkAlerts(store.client, START + laterMs, POLICY);
    expect(notified).toEqual(["/0"]);
  });
});
