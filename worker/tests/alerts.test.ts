import { describe, expect, it } from "vitest";
import { alertRuleInputSchema } from "#contract/api/alerts.ts";
import { evaluate } from "../src/alerts/evaluate.ts";
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

describe("an alert rule", () => {
  it("notifies at most once per window while it fires, however often it is checked", () => {
    let state = { status: "no_data" } as Parameters<typeof evaluate>[1];
    const notifiedMinutes: number[] = [];
    for (let minute = 0; minute < 20; minute += 1) {
      const result = evaluate(rule, state, minute === 12 ? 0 : 50, START + minute * MINUTE);
      if (result.shouldNotify) notifiedMinutes.push(minute);
      ({ state } = result);
    }
    expect(notifiedMinutes).toEqual([0, 5, 10, 15]);
  });

  it("stores since when it has its status", () => {
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
    expect(evaluate(silenced, { status: "ok" }, 50, START).shouldNotify).toBe(false);
    expect(evaluate(silenced, { status: "firing" }, 50, START + 3 * MINUTE).shouldNotify).toBe(true);
  });

  it("can fire when logs are missing", () => {
    const quiet = { ...rule, condition: "less_than", threshold: 1 } as const;
    expect(evaluate(quiet, { status: "ok" }, 0, START).state.status).toBe("firing");
    expect(evaluate(quiet, { status: "ok" }, 1, START).state.status).toBe("ok");
  });
});

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
  ])("is refused: %s", (url) => {
    expect(refuseWebhook(url, false)).toMatch(/^(not_a_url|has_credentials|not_https|private_host)$/);
  });

  it("may have a public host, and in development any host", () => {
    expect(refuseWebhook("https://hooks.slack.com/services/T0/B0/x", false)).toBeUndefined();
    expect(refuseWebhook("https://1.1.1.1/x", false)).toBeUndefined();
    expect(refuseWebhook("http://127.0.0.1:9/x", true)).toBeUndefined();
    expect(refuseWebhook("ftp://127.0.0.1/", true)).toBe("not_http");
  });

  it("receives a message in which Slack's control characters are escaped", () => {
    const text = toMessage({ ...rule, name: "<!channel>", q: "`<https://evil.example|click>`" }, 12);
    expect(text).not.toMatch(/[<>]/);
    expect(text).toContain("12 logs in the last 5 min");
  });
});
