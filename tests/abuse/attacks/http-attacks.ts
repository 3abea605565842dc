/** Attacks on the Worker by requests. */
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { MAX_REQUEST_BYTES } from "#contract/wire/limits.ts";
import { READER_USERNAME } from "#contract/wire/topics.ts";
import { createApp, withApps } from "../../support/security/apps.ts";
import { tryConnect, type AccessClient } from "../../support/security/mqtt-client.ts";
import type { AbuseStack, App } from "../abuse-stack.ts";
import { connectAttacker, read, repeat } from "../attacker.ts";
import type { Attack } from "./attack.ts";
import { createSmallEvent } from "./payloads.ts";

const SLOW_REQUESTS = 200;
/** Enough to occupy all memory for large bodies, however little an app may occupy. */
const SLOW_APPS = 5;
const END_INTERVAL_MS = 25;
const TAILS = 500;
/** `MAX_READER_TAILS`; a copy, so that a changed limit is found. */
const MAX_OPEN_TAILS = 16;

/** The largest body that counts as small: the size of those of browsers. */
const SMALL_BODY_BYTES = 65_536;

/** A `POST /logs` that announces `bodyBytes` and sends one byte a second. Returns the function that ends it. */
const startSlowPost = ({ stack }: AbuseStack, { id, key }: App, bodyBytes: number): (() => void) => {
  const outgoing = request(new URL("/logs", stack.file.worker), {
    method: "POST",
    agent: false,
    headers: { Authorization: `Bearer ${id}:${key}`, "Content-Length": String(bodyBytes) },
  });
  outgoing.on("error", () => undefined);
  outgoing.on("response", (response) => response.resume());
  outgoing.write("{");
  const timer = setInterval(() => outgoing.write(" "), 1_000);
  return () => {
    clearInterval(timer);
    outgoing.destroy();
  };
};

/** One after the other: the development server prints two errors for each, and delays all requests meanwhile. */
const endAll = async (ends: readonly (() => void)[]): Promise<void> => {
  for (const end of ends) {
    end();
    await sleep(END_INTERVAL_MS);
  }
};

const createSlowApps = ({ home }: AbuseStack): Promise<readonly App[]> =>
  withApps(home, async (registry) => {
    const apps: App[] = [];
    for (let i = 0; i < SLOW_APPS; i += 1) apps.push({ id: `slow-${i}`, key: await createApp(registry, `slow-${i}`) });
    return apps;
  });

/** URLs that reach this host, the deployment, a private network or a service that speaks no HTTP. */
const toForbiddenWebhooks = ({ stack }: AbuseStack): readonly string[] => [
  new URL("/logs", stack.file.worker).href.replace("http:", "https:"),
  "https://[::127.0.0.1]/",
  "https://[::ffff:127.0.0.1]/",
  "https://[::ffff:10.0.0.1]/",
  "https://127.1/",
  "https://x.test/",
  "https://x.internal/",
  "https://x.local/",
  "https://localhost/",
  "https://kubernetes.default.svc/",
  "https://intranet/",
  "https://hooks.example.org:25/",
  "https://hooks.example.org:9200/",
  "http://169.254.169.254/latest/meta-data/",
];

const WORST_QUERIES = [
  Array.from({ length: 60 }, (_, i) => `*a*b*c*${i}*`).join(" OR "),
  `${"(".repeat(15)}*e*x*l*${")".repeat(15)}`,
  `body:${"*?".repeat(500)}`,
  Array.from({ length: 30 }, (_, i) => `-attributes.k${i}:*1*2*`).join(" "),
].map(encodeURIComponent);

export const HTTP_ATTACKS: readonly Attack[] = [
  {
    name: "POST /logs that sends one byte a second, 200 times",
    isShort: true,
    async run(abuse, durationMs) {
      const ends = Array.from({ length: SLOW_REQUESTS }, () => startSlowPost(abuse, abuse.attacker, SMALL_BODY_BYTES));
      await sleep(durationMs);
      await endAll(ends);
      return [];
    },
  },
  {
    name: "POST /logs of five apps that announce 1 MiB and send one byte a second",
    async run(abuse, durationMs) {
      const apps = await createSlowApps(abuse);
      const ends = apps.flatMap((app) =>
        Array.from({ length: SLOW_REQUESTS / SLOW_APPS }, () => startSlowPost(abuse, app, MAX_REQUEST_BYTES)),
      );
      await sleep(durationMs);
      await endAll(ends);
      return [];
    },
  },
  {
    name: "search with the most expensive queries",
    async run(abuse, durationMs) {
      let next = 0;
      await repeat(durationMs, 20, () => {
        next += 1;
        const query = WORST_QUERIES[next % WORST_QUERIES.length];
        return read(abuse, `/${["search", "histogram", "groups"][next % 3]}?app=demo&q=${query}`);
      });
      return [];
    },
  },
  {
    name: "20 exports at a time",
    async run(abuse, durationMs) {
      await repeat(durationMs, 20, () => read(abuse, "/export?app=demo&format=csv"));
      return [];
    },
  },
  {
    name: "500 live tails",
    async run(abuse, durationMs) {
      const { stack } = abuse;
      const url = `${stack.file.worker.replace("http", "ws")}/tail`;
      const login = { username: READER_USERNAME, password: stack.file.readerToken };
      await using connections = new AsyncDisposableStack();
      const connect = async (): Promise<AccessClient | undefined> => {
        const tail = await tryConnect(url, login);
        await tail?.client.subscribeAsync("logs/demo/+", { qos: 0 }).catch(() => undefined);
        return tail;
      };
      let openTails = 0;
      for (let tried = 0; tried < TAILS; tried += 50) {
        for (const tail of await Promise.all(Array.from({ length: 50 }, connect))) {
          connections.use(tail);
          if (tail !== undefined) openTails += 1;
        }
      }
      await using attacker = await connectAttacker(abuse);
      await repeat(durationMs, 1, async () => {
        await attacker.publish(Array.from({ length: 20 }, createSmallEvent));
        await sleep(50);
      });
      return openTails > MAX_OPEN_TAILS ? [`${openTails} live tails of one token are open`] : [];
    },
  },
  {
    name: "11 webhooks to private addresses and to this deployment",
    isShort: true,
    async run(abuse) {
      const findings: string[] = [];
      for (const webhookUrl of toForbiddenWebhooks(abuse)) {
        const rule = { name: "abuse", apps: ["demo"], q: "", threshold: 1, windowMinutes: 5, webhookUrl };
        const status = await read(abuse, "/alerts", { method: "POST", body: JSON.stringify(rule) });
        if (status < 400) findings.push(`accepted ${webhookUrl}`);
      }
      return findings;
    },
  },
];
