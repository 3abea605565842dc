/**
 * What an answer to `POST /logs` means for its batch.
 */
import type { Delivery } from "../link.ts";
import { parseJson, toReceipt } from "../read-receipt.ts";

/** A server that asks for more is asked again anyway: it may be a mistake, and logs wait. */
const MAX_RETRY_AFTER_MS = 600_000;

const retryAfterMs = (response: Response): number | undefined => {
  const value = response.headers.get("retry-after");
  if (value === null) return undefined;
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(waitMs) ? Math.min(Math.max(0, waitMs), MAX_RETRY_AFTER_MS) : undefined;
};

/** A page that a captive portal sends instead is neither receipt nor problem: try again. */
export const readAnswer = async (response: Response | undefined): Promise<Delivery> => {
  if (!response) return { state: "retry" };
  const answer = parseJson(await response.text().catch(() => ""));
  const receipt = toReceipt(answer);
  const afterMs = retryAfterMs(response);
  if (receipt) return { state: "receipt", receipt, afterMs };
  const { status } = response;
  if (status === 401 || status === 403) return { state: "denied" };
  if (status === 413) return { state: "too_large" };
  // Refusals of the content. Others of 4xx (404, 405, …) point at a wrong address or a proxy and may pass.
  const { reason } = (answer ?? {}) as { reason?: unknown };
  return [400, 415, 422].includes(status) && typeof reason === "string"
    ? { state: "refused", reason }
    : { state: "retry", afterMs };
};
