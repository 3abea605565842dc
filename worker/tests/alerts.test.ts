import { describe, expect, it } from "vitest";
import { alertRuleInputSchema, alertRuleSchema, type AlertRule } from "#contract/api/alerts.ts";
import { replaceRules, type StoredRule } from "../src/alerts/alert-store.ts";
import { toClaimed, toLate } from "../src/alerts/claims.ts";
import { StoreUnavailableError, type StoreClient, type StoreResponse } from "../src/opensearch/client.ts";
import { editRule } from "../src/alerts/edit-rule.ts";
import { evaluate } from "../src/alerts/evaluate.ts";
import { findLargestWindow, findMissed } from "../src/alerts/missed-windows.ts";
import { toMessage } from "../src/alerts/channels/send-webhook.ts";
import { refuseWebhook } from "../src/alerts/channels/webhook-url.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 24, 8);

const rule = alertRuleInputSchema.parse({
  name: "errors",
  apps: ["shop"],
  q: "level:error",
  threshold: 10,
  windowMinutes: 5,
  webhookUrl: "https://hooks.example.com/a",
});

describe("the claim of a notification", () => {
  const stored = (condition: "at_least" | "less_than"): StoredRule => ({
    rule: alertRuleSchema.parse({
      ...rule,
      condition,
      id: "00000000-0000-7000-8000-000000000001",
      createdAt: new Date(START).toISOString(),
      updatedAt: new Date(START).toISOString(),
      state: { status: "ok" },
    }),
    seqNo: 1,
    primaryTerm: 1,
  });
  const missed = { from: new Date(START - 10_000).toISOString() };
  it.each([
    ["at_least", missed],
    ["less_than", undefined],
  ] as const)("of a rule with %s says which windows other checks do not count", (condition, expected) => {
    const current = stored(condition);
    const checked = { stored: current, state: { status: "firing" }, notification: { count: 50 } } as const;
    expect(toClaimed(checked, START, START + 15_000).missed).toEqual(expected);
    const results = [
      { claim: { checked, notification: checked.notification, written: current }, state: checked.state },
    ];
    expect(toLate(results, START, START + MINUTE - 1)).toEqual(results);
    expect(toLate(results, START, START + MINUTE)[0]?.state.missed).toEqual(expected);
  });

  it("is not written by a check that OpenSearch is too busy for, so that the next one counts again", async () => {
    const current = stored("at_least");
    const postLines = async (): Promise<StoreResponse> => ({
      status: 200,
      body: { items: [{ index: { status: 429 } }] },
    });
    const client = { postLines } as unknown as StoreClient;
    await expect(replaceRules(client, [{ current, rule: current.rule }])).rejects.toThrow(StoreUnavailableError);
  });
});

describe("an alert rule", () => {
  it("notifies at most once per window while it fires, however often it is checked", () => {
    let state = { status: "no_data" } as Parameters<typeof evaluate>[1];
    const notifiedMinutes: number[] = [];
    for (let minute = 0; minute < 20; minute += 1) {
      const result = evaluate(rule, state, minute === 12 ? 0 : 50, START + minute * MINUTE);
      if (result.notification !== undefined) notifiedMinutes.push(minute);
      ({ state } = result);
    }
    expect(notifiedMinutes).toEqual([0, 5, 10, 15]);
  });

  it("notifies although the last notification is in the future, because the clock was set back", () => {
    const state = { status: "firing", notifiedAt: new Date(START + 60 * MINUTE).toISOString() } as const;
    expect(evaluate(rule, state, 50, START).notification).toEqual({ count: 50 });
  });

  it("stores the time at which its status last changed", () => {
    const first = evaluate(rule, { status: "no_data" }, 10, START);
    const second = evaluate(rule, first.state, 11, START + MINUTE);
    expect([second.state.status, second.state.since]).toEqual(["firing", new Date(START).toISOString()]);
    expect(evaluate(rule, second.state, 9, START + 2 * MINUTE).state).toMatchObject({
      status: "ok",
      since: new Date(START + 2 * MINUTE).toISOString(),
    });
  });

  it("does not notify while it is silenced", () => {
    const silenced = { ...rule, silencedUntil: new Date(START + 3 * MINUTE).toISOString() };
    expect(evaluate(silenced, { status: "ok" }, 50, START).notification).toBeUndefined();
    expect(evaluate(silenced, { status: "firing" }, 50, START + 3 * MINUTE).notification).toEqual({ count: 50 });
  });

  it("can fire when logs are missing", () => {
    const quiet = { ...rule, condition: "less_than", threshold: 1 } as const;
    expect(evaluate(quiet, { status: "ok" }, 0, START).state.status).toBe("firing");
    expect(evaluate(quiet, { status: "ok" }, 1, START).state.status).toBe("ok");
  });
});

describe(editRule, () => {
  const state = { status: "firing", count: 50, notifiedAt: "2026-11-01T00:00:00.000Z" } as const;
  const pending = { count: 50, at: "2026-11-01T01:00:00.000Z", claimedAt: "2026-11-01T01:00:00.000Z" };
  const id = "00000000-0000-7000-8000-000000000000";
  const created = { id, createdAt: "2026-10-01T00:00:00.000Z", updatedAt: "2026-10-01T00:00:00.000Z" };
  const updatedAt = "2026-11-01T02:00:00.000Z";
  const stored: AlertRule = { ...rule, ...created, state: { ...state, pending } };

  it.each([{}, { name: "new" }, { webhookUrl: "https://hooks.example.com/b" }])(
    "keeps its state after %j",
    (change) => {
      expect(editRule(stored, { ...rule, ...change }, updatedAt)).toEqual({ ...stored, ...change, updatedAt });
    },
  );

  it.each([
    { apps: ["shop", "other"] },
    { q: "" },
    { condition: "less_than" as const },
    { threshold: 11 },
    { windowMinutes: 6 },
    { isEnabled: false },
    { silencedUntil: "2026-11-02T00:00:00Z" },
  ])("has no pending notification after %j", (change) => {
    expect(editRule(stored, { ...rule, ...change }, updatedAt)).toEqual({ ...stored, ...change, updatedAt, state });
  });
});

describe("a rule's name", () => {
  it.each(["a\nb", "a\u2028b", "a\u001b[31mb"])("is one line without control characters: %j", (name) => {
    expect(alertRuleInputSchema.safeParse({ ...rule, name }).success).toBe(false);
    // A rule that was stored before stays readable.
    expect(alertRuleSchema.shape.name.safeParse(name).success).toBe(true);
  });
});

describe("missed windows", () => {
  const toMs = START;
  const stored = alertRuleSchema.parse({
    ...rule,
    id: "00000000-0000-7000-8000-000000000000",
    createdAt: "2026-11-01T00:00:00.000Z",
    updatedAt: "2026-11-01T00:00:00.000Z",
    state: { status: "ok" },
  });
  const at = (minutes: number): number => START + minutes * MINUTE;
  const toIso = (minutes: number): string => new Date(at(minutes)).toISOString();
  const withMissed = (missed: object): AlertRule =>
    alertRuleSchema.parse({ ...stored, state: { status: "ok", missed } });

  it("are those since the last check, for a day and since the last change of the rule", () => {
    expect(findMissed(stored, toMs, undefined)).toBeUndefined();
    expect(findMissed(stored, toMs, at(-1))).toBeUndefined();
    expect(findMissed(stored, toMs, at(-4))).toEqual({ fromMs: at(-4), toMs });
    expect(findMissed(stored, toMs, at(-9_000))).toEqual({ fromMs: at(-1_440), toMs });
    expect(findMissed({ ...stored, updatedAt: toIso(-2) }, toMs, at(-4))).toEqual({ fromMs: at(-2), toMs });
    expect(findMissed({ ...stored, condition: "less_than" }, toMs, at(-4))).toBeUndefined();
  });

  it("are counted for five minutes, because logs of an outage are stored after it", () => {
    expect(findMissed(withMissed({ from: toIso(-9) }), toMs, at(-1))).toEqual({ fromMs: at(-9), toMs });
    const ended = withMissed({ from: toIso(-9), to: toIso(-4) });
    expect(findMissed(ended, toMs, at(-1))).toEqual({ fromMs: at(-9), toMs: at(-4) });
    expect(findMissed(ended, at(1), toMs)).toBeUndefined();
  });

  it("have the length of the rule's window", () => {
    const counts = new Map([
      [at(-9), 4],
      [at(-7), 4],
      [at(-3), 3],
      [at(-2), 4],
    ]);
    const missed = { fromMs: at(-8), toMs };
    expect(findLargestWindow(counts, missed, 2)).toEqual({ count: 7, at: toIso(-1) });
    expect(findLargestWindow(counts, missed, 3)).toEqual({ count: 8, at: toIso(-6) });
    expect(findLargestWindow(counts, missed, 60)).toEqual({ count: 15, at: toIso(0) });
    expect(findLargestWindow(new Map(), missed, 1_440)).toEqual({ count: 0, at: toIso(0) });
  });
});

const PUBLIC_ONLY = { isLoopbackAllowed: false, isPrivateAllowed: false, ownHosts: [] };
const ALL_HOSTS = { ...PUBLIC_ONLY, isPrivateAllowed: true, ownHosts: ["127.0.0.1"] };
const WITH_LOOPBACK = { ...PUBLIC_ONLY, isLoopbackAllowed: true, ownHosts: ["127.0.0.1"] };

describe("a webhook URL", () => {
  it.each([
    "http://hooks.example.com/",
    "https://localhost/",
    "https://a.localhost/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://opensearch/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://10.0.0.7/",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[fd00::1]/",
    "https://[64:ff9b::a00:1]/",
    "https://0.0.0.0/",
    "https://192.168.1.1./",
    "https://user:secret@hooks.example.com/",
    "ftp://hooks.example.com/",
    "nonsense",
    "https://[::127.0.0.1]/",
    "https://[::7f00:1]/",
    "https://[::ffff:0:10.0.0.1]/",
    "https://[2002:7f00:1::]/",
    "https://[fec0::1]/",
    "https://[2001:db8::1]/",
    "https://x.test/",
    "https://x.test./",
    "https://a.example/",
    "https://a.invalid/",
    "https://kubernetes.default.svc/",
    "https://opensearch.logs.svc.cluster.local/",
    "https://router.home.arpa/",
  ])("is refused: %s", (url) => {
    expect(refuseWebhook(url, PUBLIC_ONLY)).toMatch(/^(not_a_url|has_credentials|not_https|private_host)$/);
  });

  it.each(["https://hooks.example.com:9200/", "https://hooks.example.com:22/", "https://1.1.1.1:8443/"])(
    "is refused because of its port: %s",
    (url) => expect(refuseWebhook(url, PUBLIC_ONLY)).toBe("forbidden_port"),
  );

  it.each(["https://logs.example.com/", "https://LOGS.example.com./relay", "https://a.logs.example.com/"])(
    "is refused because the host is one of edgelog's: %s",
    (url) => expect(refuseWebhook(url, { ...PUBLIC_ONLY, ownHosts: ["logs.example.com"] })).toBe("own_host"),
  );

  it("may have a loopback host with npm start, but no other private host", () => {
    for (const url of ["http://127.0.0.1:3000/x", "http://localhost:3000/x", "https://[::1]:8443/x"]) {
      expect(refuseWebhook(url, WITH_LOOPBACK)).toBeUndefined();
    }
    expect(refuseWebhook("http://10.0.0.7:3000/x", WITH_LOOPBACK)).toBe("not_https");
    expect(refuseWebhook("https://10.0.0.7/x", WITH_LOOPBACK)).toBe("private_host");
    expect(refuseWebhook("http://hooks.example.com/", WITH_LOOPBACK)).toBe("not_https");
  });

  it("may have a public host, and in development any host", () => {
    expect(refuseWebhook("https://hooks.slack.com/services/T0/B0/x", PUBLIC_ONLY)).toBeUndefined();
    expect(refuseWebhook("https://[2606:4700::1111]:443/x", PUBLIC_ONLY)).toBeUndefined();
    expect(refuseWebhook("https://1.1.1.1/x", PUBLIC_ONLY)).toBeUndefined();
    expect(refuseWebhook("http://127.0.0.1:9/x", ALL_HOSTS)).toBeUndefined();
    expect(refuseWebhook("ftp://127.0.0.1/", ALL_HOSTS)).toBe("not_http");
  });

  it("receives a message in which Slack's control characters are escaped", () => {
    const text = toMessage({ ...rule, name: "<!channel>", q: "`<https://evil.example|click>`" }, { count: 12 });
    expect(text).not.toMatch(/[<>]/);
    expect(text).toContain("12 logs in the last 5 min");
  });

  it("receives a message without mentions, Markdown links or further lines from the name or the query", () => {
    const written = "@channel x@everyone @ann [click](http://evil.example)\n\u202e# title";
    const text = toMessage({ ...rule, name: written, q: `${written} user.email:*@acme.com` }, { count: 12 });
    expect(text).not.toMatch(/@channel|@everyone|@ann|\]\(|\u202e/);
    expect(text.split("\n")).toHaveLength(2);
    expect(text).toContain("user.email:*@acme.com");
  });
});
