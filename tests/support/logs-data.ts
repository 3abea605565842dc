/** Logs for the tests of the console's log view. */
import { v7 as uuidv7 } from "uuid";
import type { ReadStack } from "./read-stack.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

export const HOSTILE =
  '<img src=x onerror="document.title=1"><script>document.title=2</script>\u001b[31mred\u202egnp.exe';

/** About as long as the longest allowed message. */
export const LONG_LINE = `long ${"x".repeat(131_000)}`;

export const FILLERS = 1_500;

export const DECLINED_ID = uuidv7();

const TRACE = [
  "PaymentError: order 17 was declined",
  "    at payOrder (https://shop.example/assets/main.js:10:17)",
  "    at dispatch (https://shop.example/assets/vendor-11aa.js:2:40112)",
  "Caused by: NetworkError: no answer",
  "    at fetchBank (https://shop.example/assets/main.js:99:1)",
].join("\n");

const RESOURCE = { "service.name": "shop-app", "service.version": "4.2.0" };

/** One log every half minute, the newest half an hour ago. */
const fillers = (nowMs: number): object[] =>
  Array.from({ length: FILLERS }, (_, n) => ({
    time: nowMs - 30 * MINUTE_MS - n * (MINUTE_MS / 2),
    severity: n % 10 === 0 ? "debug" : "info",
    body: `filler ${n}`,
    attributes: { "url.path": `/page/${n % 7}`, "duration.ms": n },
  }));

const checkoutLogs = (nowMs: number): object[] => [
  {
    time: nowMs - 6 * MINUTE_MS,
    body: "the basket is open",
    attributes: { "session.id": "s-1", "user.id": "u-7" },
  },
  {
    id: DECLINED_ID,
    time: nowMs - 5 * MINUTE_MS,
    severity: "error",
    body: "Checkout failed: payment declined",
    attributes: {
      "session.id": "s-1",
      "user.id": "u-7",
      "exception.type": "PaymentError",
      "exception.message": "order 17 was declined",
      "exception.stacktrace": TRACE,
      cart: { items: 10, note: `it's "quoted"` },
    },
  },
  { time: nowMs - 4 * MINUTE_MS, severity: "warn", body: "the bank is slow", attributes: { "session.id": "s-1" } },
  {
    time: nowMs - 3 * MINUTE_MS,
    severity: "fatal",
    body: HOSTILE,
    attributes: { [`<b>${HOSTILE.slice(0, 30)}`]: HOSTILE, "exception.type": HOSTILE, "user.id": HOSTILE },
  },
  { time: nowMs - 2 * MINUTE_MS, severity: "debug", body: LONG_LINE },
];

export const storeLogs = async (stack: ReadStack): Promise<void> => {
  const nowMs = Date.now();
  const batch = (events: readonly object[]): object => ({ v: 1, resource: RESOURCE, events });
  const all = fillers(nowMs);
  await stack.store("shop", batch(all.slice(0, 800)));
  await stack.store("shop", batch(all.slice(800)));
  await stack.store("shop", batch(checkoutLogs(nowMs)));
  await stack.store(
    "archive",
    batch([
      { time: nowMs - 5 * DAY_MS, body: "from another day" },
      {
        time: nowMs - 6 * DAY_MS,
        severity: "error",
        body: "TypeError: x is undefined",
        attributes: { "exception.type": "TypeError", "exception.message": "x is undefined" },
      },
    ]),
  );
};
