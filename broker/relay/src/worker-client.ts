/**
 * Client for `POST /relay`: sends a batch once and returns the Worker's outcomes. The forwarder handles failures.
 */
import {
  encodeRelayFrame,
  RELAY_FRAME_TYPE,
  receivedRelayResponseSchema,
  type ReceivedRelayOutcome,
  type RelayedMessage,
} from "#contract/relay/relay-frame.ts";

/** Longer than the Worker's timeout for OpenSearch. */
const REQUEST_TIMEOUT_MS = 60_000;

export type SendFailure =
  /** No response, an unreadable response, 429 or 5xx: the outcome is unknown. Retry. */
  | "unavailable"
  /** 401 or 403: the Worker does not accept the relay's token. Retry and alert the operator. */
  | "denied"
  /** 400 or 413: the Worker will never accept this batch. Split it. */
  | "refused";

export class SendError extends Error {
  override readonly name = "SendError";
  readonly failure: SendFailure;
  /** From the Retry-After header. 0 if there is none. */
  readonly retryAfterMs: number;

  constructor(failure: SendFailure, message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.failure = failure;
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }

  shouldRetry(): boolean {
    return this.failure !== "refused";
  }
}

const toFailure = (status: number): SendFailure => {
  if (status === 401 || status === 403) return "denied";
  return status === 400 || status === 413 ? "refused" : "unavailable";
};

const toRetryAfterMs = (header: string | null): number => {
  const seconds = Number(header ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0;
};

export type SendBatch = (messages: readonly RelayedMessage[]) => Promise<readonly ReceivedRelayOutcome[]>;

/** The returned function rejects with a {@link SendError} unless the response has one outcome per message. */
export const createWorkerClient = ({ url, token }: { readonly url: string; readonly token: string }): SendBatch => {
  const endpoint = new URL("/relay", url);
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": RELAY_FRAME_TYPE };
  return async (messages) => {
    const response = await fetch(endpoint, {
      method: "POST",
      headers,
      body: encodeRelayFrame({ messages, sentAtMs: Date.now() }),
      redirect: "error",
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    }).catch((cause: unknown) => {
      throw new SendError("unavailable", "The Worker did not respond", { cause });
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (response.status !== 200) {
      throw new SendError(toFailure(response.status), `The Worker responded with ${response.status}`, {
        retryAfterMs: toRetryAfterMs(response.headers.get("Retry-After")),
      });
    }
    const parsed = receivedRelayResponseSchema.safeParse(body);
    if (!parsed.success || parsed.data.outcomes.length !== messages.length) {
      throw new SendError("unavailable", "The Worker's response does not match the request");
    }
    return parsed.data.outcomes;
  };
};
