/** 560 events with many values of each field. Deterministic. */
import { createHash } from "node:crypto";
import { createRandom } from "../../support/random.ts";

export interface DataEvent {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly severity: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly traceId?: string;
}

const RESOURCES: readonly Readonly<Record<string, unknown>>[] = [
  { "service.name": "shop-web", "service.version": "1.4.0", "host.name": "web-1", "k8s.pod": "pod-1" },
  { "service.name": "shop-web", "service.version": "1.5.0", "host.name": "web-2", "k8s.pod": "pod-2" },
  { "service.name": "shop app", "service.version": "2.0", "os.name": "Android", "os.api_level": "29" },
  { "service.name": "shop app", "service.version": "2.1", "os.name": "Android", "os.api_level": "34", "k8s.node": 7 },
];

const BODIES = [
  "Payment failed for order",
  "payment accepted",
  "Crème brûlée sold out in café",
  "User signed in",
  "user signed out and in again",
  "Cart opened",
  "cart checkout started",
  "Checkout failed - timeout after 30 s",
  "Connection refused or timed out",
  "getUserOrders returned nothing",
  "java.lang.NullPointerException in UserService.findOne",
  "cache_miss for key user:profile",
  "GET /api/v2/orders 500",
  "Über-größe nicht verfügbar",
  "retries=3 exhausted",
  'a value of "quoted text" (with parentheses)',
] as const;

const LEVELS = ["trace", "debug", "info", "info", "info", "warn", "error", "fatal"] as const;

const EXCEPTIONS: readonly Readonly<Record<string, unknown>>[] = [
  {
    "exception.type": "TypeError",
    "exception.message": "total is undefined",
    "exception.stacktrace":
      "TypeError: total is undefined\n    at cartTotal (cart.js:12:5)\n    at render (app.js:3:1)",
  },
  {
    "exception.type": "java.io.IOException",
    "exception.message": "Broken pipe",
    "exception.stacktrace": "java.io.IOException: Broken pipe\n\tat com.acme.Pay.run(Pay.java:42)",
  },
];

const toId = (index: number): string => {
  const hex = createHash("sha256").update(`query-data-${index}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** @param endMs Time of the newest event. The events are 20 seconds apart. */
export const createEvents = (endMs: number): readonly DataEvent[] => {
  const random = createRandom(17);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const maybe = (share: number, fields: () => Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
    random() < share ? fields() : {};
  return Array.from({ length: 560 }, (_, index) => ({
    id: toId(index),
    time: endMs - (559 - index) * 20_000,
    severity: pick(LEVELS),
    body: pick(BODIES),
    resource: RESOURCES[Math.floor(index / 140)] ?? {},
    attributes: {
      ...maybe(0.6, () => ({
        "user.id": `u-${Math.floor(random() * 12)}`,
        "user.email": pick(["ann@acme.com", "bob@acme.com", "eve@mail.example"]),
      })),
      ...maybe(0.5, () => ({ "session.id": `s-${Math.floor(random() * 9)}` })),
      ...maybe(0.5, () => ({
        "cart.items": Math.floor(random() * 20) - 2,
        price: pick([0, 0.5, 2.5, 10, 99.99, 1e6]),
      })),
      ...maybe(0.4, () => ({
        "http.response.status_code": pick([200, 201, 301, 404, 500, 503]),
        "http.request.method": pick(["GET", "POST"]),
      })),
      ...maybe(0.4, () => ({ "duration.ms": pick([1, 12.5, 250, 500, 501, 4_000]) })),
      ...maybe(0.4, () => ({ "url.path": pick(["/cart", "/cart/items", "/checkout", "/a b"]) })),
      ...maybe(0.3, () => ({ shop: { region: pick(["eu", "us", "EU"]), tier: pick([1, 2, 10]) } })),
      ...maybe(0.3, () => ({ colour: pick(["red", "dark red", "blue", "rôse"]) })),
      ...maybe(0.3, () => ({ tags: pick([["red", "new"], ["sale"], ["new", "sale"]]) })),
      ...maybe(0.3, () => ({ beta: pick([true, false]) })),
      ...maybe(0.2, () => ({ "Foo.java": 42 })),
      ...maybe(0.2, () => ({ zip: pick(["0123", "123"]) })),
      ...maybe(0.15, () => pick(EXCEPTIONS)),
    },
    ...(random() < 0.3
      ? {
          traceId: createHash("md5")
            .update(`trace-${index % 20}`)
            .digest("hex"),
        }
      : {}),
  }));
};
