/**
 * Converts a response to `POST /logs` to the result for its batch.
 */
import { parseJson } from "../../parse-json.ts";
import { now } from "../../platform.ts";
import type { SendResult } from "../link.ts";
import { toReceipt } from "../read-receipt.ts";

/** Longer times of Retry-After are shortened: they may be a mistake that would delay all events. */
const MAX_RETRY_AFTER_MS = 600_000;

/** `undefined` also for a time that is over, for example because the clock of the device is ahead. */
const retryAfterMs = (response: Response): number | undefined => {
  const value = response.headers.get("retry-after");
  if (value === null) return undefined;
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now();
  return waitMs > 0 ? Math.min(waitMs, MAX_RETRY_AFTER_MS) : undefined;
};

/** A response that is neither a receipt nor a problem, e.g. the page of a captive portal, leads to a retry. */
export const readResponse = async (response?: Response): Promise<SendResult> => {
  // A `fetch` that a script has replaced can resolve with any value.
  if (!response?.headers) return { state: "retry" };
  const body = parseJson(await response.text().catch(() => ""));
  const receipt = toReceipt(body);
  const afterMs = retryAfterMs(response);
  if (receipt) return { state: "receipt", receipt, afterMs };
  const { status } = response;
  const { reason } = (body ?? {}) as { reason?: unknown };
  const isTooLarge = status === 413;
  // A response without the server's reason comes from a firewall: `cf-mitigated` is not readable across origins.
  if (status === 401 || status === 403) return { state: typeof reason === "string" ? "denied" : "challenged" };
  if (typeof reason === "string") {
    if (isTooLarge) return { state: "too_large" };
    // These reject the content. Other 4xx statuses (404, 405, …) indicate a wrong URL or a proxy, and may be temporary.
    if ([400, 415, 422].includes(status)) return { state: "rejected", reason };
  }
  return { state: "retry", afterMs, isBusy: status === 429 || reason === "overloaded", isTooLarge };
};
