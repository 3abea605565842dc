/**
 * Client for `POST /relay`: sends a batch once and returns the Worker's outcomes. The forwarder handles failures.
 */
import { sendRequest, type HttpResponse } from "./http-request.ts";
import {
  encodeRelayFrame,
  RELAY_FRAME_TYPE,
  parseRelayResponse,
  type ReceivedRelayOutcome,
  type RelayedMessage,
} from "#contract/relay/relay-frame.ts";

/** Longer than the Worker's timeout for OpenSearch. */
const REQUEST_TIMEOUT_MS = 60_000;

const HEALTH_TIMEOUT_MS = 2_000;

export type SendFailure =
  /** 429 or 503: the Worker or OpenSearch does not accept the batch now. Retry. */
  | "unavailable"
  /** No response, an unreadable response, or another 5xx: the outcome is unknown. Retry; a message may be at fault. */
  | "failed"
  /** 401 or 403: the Worker does not accept the relay's token. Retry and alert the operator. */
  | "denied"
  /** Bot protection or a firewall rule in front of the Worker responded with a page. Retry and alert the operator. */
  | "challenged"
  /** 409: the relay's clock differs from the Worker's. Retry and alert the operator. */
  | "clock_skew"
  /** 400 or 413: the Worker will never accept this batch. Split it. */
  | "refused";

export class SendError extends Error {
  override readonly name = "SendError";
  readonly failure: SendFailure;
  /** The delay in the Retry-After header. 0 if the header is absent. */
  readonly retryAfterMs: number;

  constructor(failure: SendFailure, message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.failure = failure;
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}

/**
 * Cloudflare names its own responses in `cf-mitigated`. The Worker never responds with a page, so a page comes from another
 * firewall or a login.
 */
const isChallenge = ({ headers, status }: HttpResponse): boolean =>
  headers["cf-mitigated"] !== undefined ||
  (status === 403 && headers["content-type"]?.startsWith("text/html") === true);

const toFailure = (response: HttpResponse): SendFailure => {
  if (isChallenge(response)) return "challenged";
  switch (response.status) {
    case 401:
    case 403:
      return "denied";
    case 400:
    case 413:
      return "refused";
    case 409:
      return "clock_skew";
    case 429:
    case 503:
      return "unavailable";
    default:
      return "failed";
  }
};

const toRetryAfterMs = (header: string | undefined): number => {
  const seconds = Number(header ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0;
};

export interface SendOptions {
  /** Store the payloads as rejected without decoding them. */
  readonly setAside: boolean;
}

export interface WorkerClient {
  /** Rejects with a {@link SendError} unless the response has one outcome per message. */
  send(messages: readonly RelayedMessage[], options: SendOptions): Promise<readonly ReceivedRelayOutcome[]>;
  /** True if the Worker responds to `GET /healthz` within 2 s, with any status. */
  responds(): Promise<boolean>;
}

export const createWorkerClient = ({ url, token }: { readonly url: string; readonly token: string }): WorkerClient => {
  const endpoint = new URL("/relay", url);
  const health = new URL("/healthz", url);
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": RELAY_FRAME_TYPE };
  /**
   * The memory of frames that no request uses; as much as concurrent requests need. The garbage collector runs more often if
   * each request has new memory of 1 MB.
   */
  const freeMemory: Uint8Array<ArrayBuffer>[] = [];
  return {
    async send(messages, { setAside }) {
      const options = { messages, sentAtMs: Date.now(), ...(setAside ? { setAside } : {}) };
      const frame = encodeRelayFrame(options, freeMemory.pop());
      const response = await sendRequest(endpoint, {
        method: "POST",
        headers,
        body: frame,
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      }).catch((cause: unknown) => {
        throw new SendError("failed", "The Worker did not respond", { cause });
      });
      const { status } = response;
      if (status !== 200) {
        const failure = toFailure(response);
        const sender = failure === "challenged" ? "A firewall in front of the Worker" : "The Worker";
        throw new SendError(failure, `${sender} responded with ${status}`, {
          retryAfterMs: toRetryAfterMs(response.headers["retry-after"]),
        });
      }
      const outcomes = parseRelayResponse(response.body);
      if (outcomes?.length !== messages.length) {
        throw new SendError("failed", "The Worker's response does not match the request");
      }
      // Only now: after any other response, the connection may still read the frame.
      freeMemory.push(new Uint8Array(frame.buffer));
      return outcomes;
    },
    async responds() {
      try {
        await sendRequest(health, { method: "GET", signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) });
        return true;
      } catch {
        return false;
      }
    },
  };
};
