/**
 * `POST /relay`: sends a batch once and says what the Worker said. What to do about a failure is the forwarder's.
 */
import {
  encodeRelayFrame,
  RELAY_FRAME_TYPE,
  receivedRelayResponseSchema,
  type ReceivedRelayOutcome,
  type RelayedMessage,
} from "#contract/relay/relay-frame.ts";

/** Longer than the Worker waits for OpenSearch. */
const REQUEST_TIMEOUT_MS = 60_000;

export type SendFailure =
  /** No answer, an answer that can't be read, 429 or 5xx: nothing is known, send again. */
  | "unavailable"
  /** 401 or 403: the relay's token is not the Worker's. Send again, and wake somebody. */
  | "denied"
  /** 400 or 413: this batch will never be taken as it is. Send it in smaller parts. */
  | "refused";

export class SendError extends Error {
  override readonly name = "SendError";
  readonly failure: SendFailure;
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

/** Throws a {@link SendError} for every answer that does not account for each of the messages. */
export const createWorkerClient = ({ url, token }: { readonly url: string; readonly token: string }): SendBatch => {
  const endpoint = new URL("/relay", url);
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": RELAY_FRAME_TYPE };
  return async (messages) => {
    const response = await fetch(endpoint, {
      method: "POST",
      headers,
      body: encodeRelayFrame(messages),
      redirect: "error",
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    }).catch((cause: unknown) => {
      throw new SendError("unavailable", "The Worker did not answer", { cause });
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (response.status !== 200) {
      throw new SendError(toFailure(response.status), `The Worker answered ${response.status}`, {
        retryAfterMs: toRetryAfterMs(response.headers.get("Retry-After")),
      });
    }
    const answer = receivedRelayResponseSchema.safeParse(body);
    if (!answer.success || answer.data.outcomes.length !== messages.length) {
      throw new SendError("unavailable", "The Worker's answer does not fit the request");
    }
    return answer.data.outcomes;
  };
};
