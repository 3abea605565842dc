/** The doctor against a scripted deployment in which each fault is planted. */
import { describe, expect, it } from "vitest";
import type { Health } from "#contract/api/health.ts";
import { hasFailed, type Finding } from "../lib/finding.ts";
import { examine } from "../doctor/examine.ts";
import type { HttpResult, MqttResult, Probe, TailResult } from "../doctor/probe.ts";
import { summarize } from "../doctor/summarize.ts";
import type { DoctorTarget } from "../doctor/target.ts";

const NOW = Date.UTC(2026, 10, 29, 3);
const WORKER = "https://logs.acme.io";
const RELAY = "http://127.0.0.1:9464";
const BROKER = "mqtts://mqtt.acme.io:8883";

const TARGET: DoctorTarget = {
  worker: WORKER,
  credentials: { app: "shop", key: "elk_key" },
  readerToken: "elr_token",
  relay: RELAY,
  brokers: [BROKER],
};

interface Scripted {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** The connection fails with this code. */
  readonly error?: string;
}

const STORED: MqttResult = { state: "receipt", receipt: { v: 1, stored: 1, duplicates: 0, rejected: [] } };

const toHealth = (problems: Health["problems"], status: Health["status"] = "down"): Health => ({
  status,
  opensearch: "up",
  cluster: "green",
  checkedAt: new Date(NOW).toISOString(),
  problems,
});

/** The faults of one deployment. Everything else works. */
interface Faults {
  readonly responses?: Readonly<Record<string, Scripted>>;
  readonly mqtt?: Readonly<Record<string, MqttResult>>;
  readonly tail?: TailResult;
  readonly certificate?: { readonly days: number; readonly error?: string };
  /** The search returns no event. */
  readonly isSearchEmpty?: boolean;
}

const createScriptedProbe = (faults: Faults): Probe => {
  const ids: string[] = [];
  const respond = (path: string, init: RequestInit | undefined): Scripted => {
    const scripted = faults.responses?.[path];
    if (scripted !== undefined) return scripted;
    switch (path) {
      case "/healthz":
        return { body: toHealth([], "ok") };
      case "relay/healthz":
        return { body: { status: "ok", problems: [] } };
      case "/console/":
        return { body: "<!doctype html><title>edgelog</title>" };
      case "/logs": {
        ids.push((JSON.parse(String(init?.body)) as { id: string }).id);
        return { body: { v: 1, stored: 1, duplicates: 0, rejected: [] } };
      }
      case "/search":
        return { body: { hits: faults.isSearchEmpty === true ? [] : ids } };
      case "/reader":
        return { body: { apps: [{ id: "shop", tail: ["logs/shop/+"] }], canAlert: false } };
      case "/usage":
        return { body: { days: [{ day: "2026-11-29", countedAt: new Date(NOW - 30_000).toISOString(), apps: [] }] } };
      default:
        return { status: 404 };
    }
  };
  return {
    http: async (url, init): Promise<HttpResult> => {
      const { origin, pathname } = new URL(url);
      const path = origin === RELAY ? `relay${pathname}` : pathname;
      const { status = 200, headers = {}, body = "", error } = respond(path, init);
      if (error !== undefined) throw new Error(error);
      const text = typeof body === "string" ? body : JSON.stringify(body);
      return { status, headers: new Headers({ date: new Date(NOW).toUTCString(), ...headers }), text };
    },
    sendOverMqtt: async (url, _credentials, event) => {
      const result = faults.mqtt?.[url.startsWith("mqtts") ? "direct" : "edge"] ?? STORED;
      if (result.state === "receipt") ids.push((event as { id: string }).id);
      return result;
    },
    connectWithoutUser: async (url) => {
      const result = faults.mqtt?.[url.startsWith("mqtts") ? "direct" : "edge"];
      return result?.state === "unreachable" ? result : { state: "running" };
    },
    watchTail: async (_url, _app, _token, send) => {
      await send();
      return faults.tail ?? { state: "received" };
    },
    readCertificate: async () => faults.certificate ?? { days: 300 },
    nowMs: () => NOW,
    sleep: async () => undefined,
  };
};

const run = (faults: Faults, target: Partial<DoctorTarget> = {}): Promise<readonly Finding[]> =>
  examine(createScriptedProbe(faults), { ...TARGET, ...target });

const health = (...problems: Health["problems"]): Faults => ({
  responses: { "/healthz": { body: toHealth(problems) } },
});

const relay = (problem: string, failure: string): Faults => ({
  responses: { "relay/healthz": { body: { status: "degraded", problems: [problem], lastFailure: { failure } } } },
});

/** The fault, the name of the finding, and words of the remedy. */
const FAULTS: readonly (readonly [fault: string, faults: Faults, name: string, remedy: RegExp])[] = [
  ["the Worker is not deployed", { responses: { "/healthz": { error: "ENOTFOUND" } } }, "worker", /does not respond/],
  ["a secret is missing", { responses: { "/healthz": { status: 500 } } }, "worker", /secret is missing.*wrangler tail/],
  [
    "bot protection challenges clients",
    { responses: { "/healthz": { status: 403, headers: { "cf-mitigated": "challenge" } } } },
    "worker",
    /bot protection/,
  ],
  [
    "OpenSearch is down",
    health({ code: "opensearch_unavailable", message: "OpenSearch does not respond." }),
    "opensearch_unavailable",
    /start OpenSearch/,
  ],
  [
    "a disk is full",
    health({ code: "disk_full", message: "Read-only." }),
    "disk_full",
    /free disk space.*retention -- plan.*DELETE/,
  ],
  ["an index is red", health({ code: "index_red", message: "Red." }), "index_red", /restore the index/],
  ["KV lost its entries", health({ code: "apps_missing", message: "No app." }), "apps_missing", /import FILE/],
  ["the console is not published", { responses: { "/console/": { status: 404 } } }, "console", /npm run deploy/],
  ["the key is wrong", { responses: { "/logs": { status: 401 } } }, "POST /logs", /key is wrong/],
  [
    "the broker lacks the key",
    { mqtt: { direct: { state: "denied" } } },
    `MQTT over ${BROKER}`,
    /npm run app -- sync.*SIGHUP/,
  ],
  [
    "the broker is down",
    { mqtt: { edge: { state: "unreachable", detail: "1013" } } },
    "MQTT over /mqtt",
    /cannot connect: 1013/,
  ],
  [
    "the relay is stopped",
    { mqtt: { direct: { state: "no_receipt" } } },
    `MQTT over ${BROKER}`,
    /health above.*relay is stopped/,
  ],
  ["the relay's token is wrong", relay("stalled", "denied"), "relay stalled", /RELAY_TOKEN of the relay is not/],
  ["the relay's clock is wrong", relay("clock_skew", "clock_skew"), "relay clock_skew", /synchronize/],
  ["the certificate has expired", { certificate: { days: -1 } }, "certificate of mqtt.acme.io:8883", /expired/],
  [
    "clients do not accept the CA",
    { certificate: { days: 300, error: "SELF_SIGNED_CERT_IN_CHAIN" } },
    "certificate of mqtt.acme.io:8883",
    /SELF_SIGNED/,
  ],
  ["the reader token has expired", { responses: { "/search": { status: 401 } } }, "search", /reader -- create/],
  ["stored events are not found", { isSearchEmpty: true }, "search", /does not find the event sent over POST \/logs/],
  ["TAIL_PASSWORD is wrong", { tail: { state: "refused", detail: "136" } }, "live tail", /TAIL_PASSWORD/],
  [
    "the cron jobs do not run",
    {
      responses: {
        "/usage": { body: { days: [{ day: "2026-11-29", countedAt: "2026-11-29T01:00:00.000Z", apps: [] }] } },
      },
    },
    "cron jobs",
    /triggers/,
  ],
  [
    "the Worker refused messages",
    relay("messages_refused", "refused"),
    "relay messages_refused",
    /names the app.*the Worker refuses a batch/,
  ],
  ["a client fills the broker", relay("broker_memory", "failed"), "relay broker_memory", /more memory.*runbook/],
  ["the relay cannot save", relay("state_not_saved", "unavailable"), "relay state_not_saved", /directory writable/],
  ["a proxy responds to the relay", relay("stalled", "not_the_worker"), "relay stalled", /RELAY_WORKER_URL.*proxy/],
  ["a proxy limits the size of requests", relay("stalled", "size_limit"), "relay stalled", /bodies of 8 MiB/],
  [
    "messages were dropped",
    relay("messages_dropped", "unavailable"),
    "relay messages_dropped",
    /shows who sends most|sends most/,
  ],
];

describe("npm run doctor", () => {
  it("finds no problem in a deployment without faults", async () => {
    const findings = await run({});
    expect(findings.filter(({ result }) => result !== "ok")).toEqual([]);
    expect(findings.length).toBeGreaterThanOrEqual(8);
  });

  it(`finds each of ${FAULTS.length} faults`, () => expect(FAULTS.length).toBeGreaterThanOrEqual(15));

  it.each(FAULTS)("finds the fault and names the remedy: %s", async (_, faults, name, remedy) => {
    const failures = (await run(faults)).filter(({ result }) => result === "failed");
    expect(failures.map((finding) => finding.name)).toContain(name);
    expect(failures.find((finding) => finding.name === name)?.detail).toMatch(remedy);
    // One fault must not look like many.
    expect(failures.length).toBeLessThanOrEqual(2);
  });

  it("does not report the cron jobs as stopped while a full disk prevents that their run is stored", async () => {
    const usage = { body: { days: [{ day: "2026-11-29", countedAt: "2026-11-29T01:00:00.000Z", apps: [] }] } };
    const full = { body: toHealth([{ code: "disk_full", message: "Read-only." }]) };
    const findings = await run({ responses: { "/healthz": full, "/usage": usage } });
    expect(findings.find(({ name }) => name === "cron jobs")).toMatchObject({
      result: "skipped",
      detail: expect.stringContaining("disk_full"),
    });
  });

  const PUBLIC = { credentials: undefined, readerToken: undefined, relay: undefined };

  it("skips checks without credentials, and names what they need", async () => {
    const target = { ...TARGET, ...PUBLIC, brokers: [] };
    const findings = await run({}, target);
    expect(hasFailed(findings)).toBe(false);
    expect(findings.filter(({ result }) => result === "skipped").map(({ name }) => name)).toEqual([
      "sending, search, live tail",
      "broker",
      "relay",
      "cron jobs",
    ]);
    expect(summarize(findings, target)).toBe(
      "4 checks skipped: pass EDGELOG_APP and EDGELOG_KEY, EDGELOG_READER_TOKEN, RELAY_URL, --broker URL to run them. " +
        "The other checks found no problem.",
    );
    expect(summarize(await run({}), TARGET)).toBe("No problem found.");
  });

  it.each([
    ["", {}],
    [", and without a Worker", { "/healthz": { error: "ENOTFOUND" } }],
  ])("finds a broker that is down without credentials%s", async (_, responses) => {
    const mqtt = { direct: { state: "unreachable", detail: "ECONNREFUSED" } } as const;
    const failures = (await run({ mqtt, responses }, PUBLIC)).filter(({ result }) => result === "failed");
    expect(failures).toContainEqual({
      name: `MQTT over ${BROKER}`,
      result: "failed",
      detail: "cannot connect: ECONNREFUSED",
    });
  });
});
