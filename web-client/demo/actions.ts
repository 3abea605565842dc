/** Buttons that log an app event of each severity, and one that logs a burst. */
import type { Severity } from "#contract/wire/severity.ts";
import { byId, h, severityBadge } from "../shared/dom.ts";
import type { DemoLogger } from "./demo-logger.ts";

const BURST_EVENTS = 1_000;

class PaymentDeclinedError extends Error {
  override readonly name = "PaymentDeclinedError";
}

const crash = (): unknown => {
  const orders = JSON.parse('{"open":null}') as { open: { length: number } };
  return orders.open.length;
};

/** Adds the buttons to the page. */
export const createActions = (logger: DemoLogger, showToast: (message: string) => void): void => {
  const actions: readonly (readonly [Severity, string, () => void])[] = [
    ["trace", "Render the shelf", () => logger.log("trace", "Shelf rendered", { "render.ms": 3.2, "render.items": 6 })],
    ["debug", "Refresh prices", () => logger.log("debug", "Prices served from cache", { "cache.key": "prices:eur" })],
    ["info", "Sign in", () => logger.log("info", "Robin signed in", { "auth.method": "passkey" })],
    [
      "warn",
      "Use an old voucher",
      () => logger.log("warn", "Voucher expired, ignored", { "voucher.code": "SPRING24", "voucher.expired_days": 211 }),
    ],
    [
      "error",
      "Pay with a declined card",
      () => {
        const error = new PaymentDeclinedError("The bank declined the card", {
          cause: new Error("insufficient_funds"),
        });
        logger.log("error", "Payment failed", { error, "payment.method": "card", "order.total_cents": 2_140 });
        showToast("The bank declined the card.");
      },
    ],
    [
      "fatal",
      "Crash",
      () => {
        try {
          crash();
        } catch (error) {
          logger.log("fatal", "The page crashed while it loaded the orders", { error });
          showToast("The page would have crashed here.");
        }
      },
    ],
  ];
  const burst = (): void => {
    for (let i = 1; i <= BURST_EVENTS; i += 1)
      logger.log("info", `Burst ${i} of ${BURST_EVENTS}`, { "burst.index": i });
  };
  byId("actions", HTMLDivElement).append(
    ...actions.map(([severity, text, run]) =>
      h(
        "button",
        { class: "button", attributes: { type: "button" }, on: { click: run } },
        severityBadge(severity),
        text,
      ),
    ),
    h("button", { class: "button", attributes: { type: "button" }, on: { click: burst } }, "Log 1,000 events"),
  );
};
