/** The small adapters of worker/node/: rate limits, cron lines, addresses behind proxies, headers of pages, settings. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readWranglerConfig } from "../../../stack/lib/wrangler-config.ts";
import { ROOT_DIR } from "../../../stack/lib/state-dir.ts";
import { parseNetworks, setClientAddress } from "../../node/client-address.ts";
import { MAX_RUN_MINUTES, startCronSchedule, type Clock } from "../../node/cron-schedule.ts";
import { parseHeaderRules, toPageHeaders } from "../../node/headers-file.ts";
import { createRateLimiter, RATE_LIMITS, RATE_PERIOD_SECONDS } from "../../node/rate-limits.ts";
import { readSecretFiles } from "../../node/secret-files.ts";
import { parseServerConfig } from "../../node/server-config.ts";

describe("rate limits", () => {
  it("are those of wrangler.toml", () => {
    const { ratelimits } = readWranglerConfig(join(ROOT_DIR, "wrangler.toml"));
    const limits = ratelimits.map(({ name, simple }) => [name, simple] as const);
    const expected = Object.entries(RATE_LIMITS).map(([name, limit]) => [name, { limit, period: RATE_PERIOD_SECONDS }]);
    expect(limits).toEqual(expected);
  });

  it("count each key in periods", async () => {
    let now = 1_000_000;
    const limiter = createRateLimiter(2, () => now);
    const take = async (key: string): Promise<boolean> => (await limiter.limit({ key })).success;
    expect([await take("a"), await take("a"), await take("a"), await take("b")]).toEqual([true, true, false, true]);
    now += RATE_PERIOD_SECONDS * 1_000;
    expect(await take("a")).toBe(true);
  });
});

describe("cron lines", () => {
  /** A clock that moves to each timer when `advance` is called. */
  const createClock = (startMs: number) => {
    let now = startMs;
    let timer: { readonly at: number; readonly run: () => void } | undefined;
    const clock: Clock = {
      now: () => now,
      schedule: (run, ms) => {
        timer = { at: now + ms, run };
        return () => (timer = undefined);
      },
    };
    const advance = async (): Promise<void> => {
      const next = timer;
      if (next === undefined) return;
      now = next.at;
      next.run();
      // Lets the runs end.
      await Promise.resolve().then(() => undefined);
    };
    return { clock, advance };
  };
  const START = Date.UTC(2026, 10, 28, 12, 15, 30);

  it("run at the start, then at their times, until they are stopped", async () => {
    const { clock, advance } = createClock(START);
    const runs: string[] = [];
    const stop = startCronSchedule({
      lines: ["* * * * *", "17 * * * *"],
      clock,
      run: async (line, ms) => void runs.push(`${new Date(ms).toISOString().slice(11, 16)} ${line}`),
    });
    await Promise.resolve();
    for (let minute = 0; minute < 3; minute += 1) await advance();
    stop();
    await advance();
    expect(runs).toEqual([
      "12:15 * * * * *",
      "12:15 17 * * * *",
      "12:16 * * * * *",
      "12:17 * * * * *",
      "12:17 17 * * * *",
      "12:18 * * * * *",
    ]);
  });

  it("do not run again while they run", async () => {
    const { clock, advance } = createClock(START);
    let runs = 0;
    const { promise: end, resolve } = Promise.withResolvers<void>();
    startCronSchedule({
      lines: ["* * * * *"],
      clock,
      run: () => {
        runs += 1;
        return end;
      },
    });
    await advance();
    expect(runs).toBe(1);
    resolve();
    await end;
    await advance();
    await advance();
    expect(runs).toBeGreaterThan(1);
  });

  it("run again while a run does not end, after ten minutes", async () => {
    const { clock, advance } = createClock(START);
    const runs: string[] = [];
    const overdue: string[] = [];
    startCronSchedule({
      lines: ["* * * * *"],
      clock,
      run: (line) => {
        runs.push(line);
        return new Promise(() => undefined);
      },
      onOverdue: (line) => void overdue.push(line),
    });
    for (let minute = 0; minute < MAX_RUN_MINUTES - 1; minute += 1) await advance();
    expect([runs.length, overdue.length]).toEqual([1, 0]);
    await advance();
    expect([runs.length, overdue.length]).toEqual([2, 1]);
  });

  it("are refused if they are not supported", () => {
    const run = async (): Promise<void> => undefined;
    expect(() => startCronSchedule({ lines: ["*/5 * * * *"], run, clock: createClock(START).clock })).toThrow("*/5");
  });
});

describe("the address of a client", () => {
  const PROXIES = parseNetworks("10.0.0.0/8, fd00::/8 192.0.2.7");

  /** The request as the Worker sees it. */
  const receive = (peer: string, headers: Readonly<Record<string, string>>): readonly [string, string | undefined] => {
    const incoming = {
      url: "/logs",
      headers: { host: "inner:8787", ...headers },
      rawHeaders: Object.entries(headers).flat(),
      socket: { remoteAddress: peer },
    } as unknown as IncomingMessage;
    setClientAddress(incoming, PROXIES);
    const last = incoming.rawHeaders.at(-1);
    expect(incoming.rawHeaders.filter((each) => each.toLowerCase() === "cf-connecting-ip")).toHaveLength(1);
    expect(incoming.headers["cf-connecting-ip"]).toBe(last);
    return [last ?? "", incoming.url];
  };

  it.each([
    ["a client without a proxy", "203.0.113.9", {}, "203.0.113.9"],
    ["an IPv4 client of an IPv6 listener", "::ffff:203.0.113.9", {}, "203.0.113.9"],
    ["a client that invents an address", "203.0.113.9", { "x-forwarded-for": "1.1.1.1" }, "203.0.113.9"],
    ["a client that invents Cloudflare's header", "203.0.113.9", { "cf-connecting-ip": "127.0.0.1" }, "203.0.113.9"],
    ["a trusted proxy", "10.1.2.3", { "x-forwarded-for": "203.0.113.9" }, "203.0.113.9"],
    [
      "an invented address before a trusted proxy",
      "10.1.2.3",
      { "x-forwarded-for": "127.0.0.1, 203.0.113.9" },
      "203.0.113.9",
    ],
    ["two trusted proxies", "10.1.2.3", { "x-forwarded-for": "203.0.113.9, 192.0.2.7" }, "203.0.113.9"],
    ["a port after the address", "10.1.2.3", { "x-forwarded-for": "203.0.113.9:4711" }, "203.0.113.9"],
    ["an IPv6 address with a port", "fd00::1", { "x-forwarded-for": "[2001:db8::1]:4711" }, "2001:db8::1"],
    ["text that is not an address", "10.1.2.3", { "x-forwarded-for": "203.0.113.9, unknown" }, "10.1.2.3"],
    ["a proxy that sends no header", "10.1.2.3", {}, "10.1.2.3"],
  ])("is known of %s", (_, peer, headers, expected) => {
    expect(receive(peer, headers as Record<string, string>)[0]).toBe(expected);
  });

  it("comes with the public URL from a trusted proxy only", () => {
    const headers = { "x-forwarded-proto": "https", "x-forwarded-host": "logs.example" };
    expect(receive("10.1.2.3", headers)[1]).toBe("https://logs.example/logs");
    expect(receive("10.1.2.3", { "x-forwarded-proto": "https" })[1]).toBe("https://inner:8787/logs");
    expect(receive("203.0.113.9", headers)[1]).toBe("/logs");
  });

  it("needs valid networks", () => {
    expect(() => parseNetworks("10.0.0.0/8, proxy")).toThrow("address");
  });
});

it("joins the headers of all paths that match", () => {
  const rules = parseHeaderRules(
    "# pages\n/*\n  X-A: 1\n  CSP: default-src 'none'\n\n/console/*\n  CSP: connect-src 'self'\n",
  );
  expect(toPageHeaders(rules, "/console/").get("csp")).toBe("default-src 'none', connect-src 'self'");
  expect(Object.fromEntries(toPageHeaders(rules, "/"))).toEqual({ "x-a": "1", csp: "default-src 'none'" });
});

describe("settings", () => {
  const VALID = {
    OPENSEARCH_URL: "https://search.example:9200",
    BROKER_URL: "http://127.0.0.1:9001",
    RELAY_TOKEN: "t".repeat(32),
    SERVER_STATE_DIR: "/var/lib/edgelog",
  };

  it.each([
    ["RELAY_TOKEN", { RELAY_TOKEN: "short-and-secret" }],
    ["OPENSEARCH_URL", { OPENSEARCH_URL: "search-and-secret" }],
    ["SERVER_STATE_DIR", { SERVER_STATE_DIR: undefined }],
    ["SERVER_TLS_KEY", { SERVER_TLS_CERT: "cert.pem" }],
    ["SERVER_TRUSTED_PROXIES", { SERVER_TRUSTED_PROXIES: "the-secret-proxy" }],
    ["SERVER_PORT", { SERVER_PORT: "70000" }],
  ])("names %s if it is missing or malformed, but not its value", (name, change) => {
    const parse = (): unknown => parseServerConfig({ ...VALID, ...change });
    expect(parse).toThrow(name);
    expect(parse).not.toThrow(/secret/);
  });

  it("use the default of an empty variable, also for the addresses of the listeners", () => {
    const names = [
      "SERVER_HOST",
      "SERVER_PORT",
      "SERVER_TLS_CERT",
      "SERVER_DRAIN_SECONDS",
      "LEGACY_APP",
      "TAIL_PASSWORD",
    ];
    const config = parseServerConfig({ ...VALID, ...Object.fromEntries(names.map((name) => [name, ""])) });
    expect(config).toEqual(parseServerConfig(VALID));
    expect(config).toMatchObject({ host: "127.0.0.1", port: 8_787 });
    expect(() => parseServerConfig({ ...VALID, RELAY_TOKEN: "" })).toThrow("RELAY_TOKEN");
  });

  it("add user and password of OpenSearch to its URL", () => {
    const { worker } = parseServerConfig({
      ...VALID,
      OPENSEARCH_USERNAME: "edgelog-worker",
      OPENSEARCH_PASSWORD: "p@ss/w:rd",
    });
    const url = new URL(worker.OPENSEARCH_URL);
    expect([url.username, decodeURIComponent(url.password)]).toEqual(["edgelog-worker", "p@ss/w:rd"]);
  });

  it("read secrets from files and from the credentials of systemd", () => {
    const dir = mkdtempSync(join(tmpdir(), "edgelog-secrets-"));
    try {
      writeFileSync(join(dir, "relay_token"), "from systemd\n");
      writeFileSync(join(dir, "other"), "from a file");
      const variables = { CREDENTIALS_DIRECTORY: dir, TAIL_PASSWORD_FILE: join(dir, "other") };
      expect(readSecretFiles(variables)).toMatchObject({ RELAY_TOKEN: "from systemd", TAIL_PASSWORD: "from a file" });
      expect(() => readSecretFiles({ RELAY_TOKEN_FILE: join(dir, "missing") })).toThrow("RELAY_TOKEN");
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
