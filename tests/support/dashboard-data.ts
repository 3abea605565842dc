/** Logs of the app `shop`, which the reader may read, and of the app `other`, which it may not. */
import { SEVERITIES } from "#contract/wire/severity.ts";
import type { ReadStack } from "./read-stack.ts";

/** Markup and control characters, which any field may contain. */
export const HOSTILE =
  '<img src=x onerror="document.title=1"><script>document.title=2</script>\u001b[31mred\u202egnp.exe';

/** Value of every field of the app that the reader may not read. */
export const SECRET = "only-for-others";

export const STACK = "TypeError: price is undefined\n    at cartTotal (https://shop.example/main.js:10:17)";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

const exception = (type = "TypeError", message = "price is undefined"): object => ({
  "exception.type": type,
  "exception.message": message,
  "exception.stacktrace": type === "TypeError" ? STACK : `${type}: ${message}`,
});

interface Visit {
  readonly version: string;
  readonly env: string;
  readonly session: string;
  readonly user: string;
}

const visit = ({ version, env, session, user }: Visit, events: readonly object[]): object => ({
  v: 1,
  resource: {
    "service.version": version,
    "deployment.environment.name": env,
    "device.model.name": "Pixel 8",
    "os.name": "Android",
  },
  attributes: { "session.id": session, "user.id": user, "geo.location.lat": 52.5, "geo.location.lon": 13.4 },
  events,
});

/** Session `s-1`: six steps on two pages, a gap of five minutes, two errors. */
const firstVisit = (startMs: number): object => {
  const step = (at: number, view: string, path: string, body: string): object => ({
    time: startMs + at * SECOND_MS,
    body,
    attributes: { "edgelog.page_view.id": view, "url.path": path, "http.request.method": "GET" },
  });
  const error = (at: number): object => ({
    time: startMs + at * SECOND_MS,
    severity: "error",
    body: "checkout failed",
    attributes: { ...exception(), "edgelog.page_view.id": "v-2", "url.path": "/checkout" },
  });
  return visit({ version: "1.0.0", env: "production", session: "s-1", user: "u-1" }, [
    step(0, "v-1", "/", "step 1"),
    step(1, "v-1", "/", "step 2"),
    step(2, "v-1", "/", "step 3"),
    step(3, "v-2", "/checkout", "step 4"),
    step(4, "v-2", "/checkout", "step 5"),
    error(5),
    step(305, "v-2", "/checkout", "step 6"),
    error(306),
  ]);
};

const secondVisit = (startMs: number): object =>
  visit({ version: "2.0.0", env: "staging", session: "s-2", user: "u-2" }, [
    ...[1, 2, 3].map((n) => ({ time: startMs + n, body: `staging ${n}` })),
    { time: startMs + 4, severity: "error", body: "checkout failed", attributes: exception() },
    {
      time: startMs + 5,
      severity: "warn",
      body: "Logs were dropped before they were sent",
      attributes: { "edgelog.dropped.queue_full": 12 },
    },
    {
      time: startMs + 6,
      severity: "warn",
      body: "Logs were dropped before they were sent",
      attributes: { "edgelog.dropped.queue_full": 5, "edgelog.dropped.expired": 3 },
    },
  ]);

/** `HOSTILE` in every field that the console shows. */
const hostileVisit = (): object => ({
  v: 1,
  resource: { "service.version": HOSTILE, "deployment.environment.name": HOSTILE, "device.model.name": HOSTILE },
  attributes: { "session.id": HOSTILE, "user.id": HOSTILE, "user.email": HOSTILE, "organization.id": HOSTILE },
  events: [
    {
      severity: "error",
      body: HOSTILE,
      attributes: { ...exception(HOSTILE, HOSTILE), "edgelog.page_view.id": HOSTILE, "url.path": HOSTILE },
    },
  ],
});

/** Of the app `shop`: 15 logs, 4 of them errors in two groups; 4 rejected payloads. */
export const storeDashboardData = async ({ store }: ReadStack): Promise<void> => {
  const now = Date.now();
  await store("shop", firstVisit(now - 30 * MINUTE_MS));
  await store("shop", secondVisit(now - 10 * MINUTE_MS));
  await store("shop", hostileVisit());
  for (const n of [1, 2, 3]) await store("shop", { v: 1, events: [{ body: `number ${n}`, severity: "loud" }] });
  await store("shop", { v: 1, events: [{ body: HOSTILE, [HOSTILE]: HOSTILE }] });

  const secret = { version: SECRET, env: SECRET, session: SECRET, user: SECRET };
  const events = [
    { severity: "error", body: SECRET, attributes: { ...exception(SECRET, SECRET), "url.path": SECRET } },
  ];
  await store("other", visit(secret, events));
  await store("other", { v: 1, events: [{ body: SECRET, severity: SECRET }] });
};

/** Of the app `archive`: session `s-long`, a log a second. */
export const storeLongSession = async ({ store }: ReadStack, logs: number): Promise<void> => {
  const startMs = Date.now() - logs * SECOND_MS;
  const events = Array.from({ length: logs }, (_, n) => ({ time: startMs + n * SECOND_MS, body: `event ${n}` }));
  await store("archive", { v: 1, attributes: { "session.id": "s-long" }, events });
};

/** Of the app `levels`: one log of each severity. */
export const storeEverySeverity = async ({ store }: ReadStack): Promise<void> => {
  const events = SEVERITIES.map((severity) => ({ severity, body: `a ${severity} log` }));
  await store("levels", { v: 1, events });
};
