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
import { isRelayRefusal, readProblemReason } from "#contract/relay/relay-refusal.ts";

/** Longer than the Worker's timeout for OpenSearch. */
const REQUEST_TIMEOUT_MS = 60_000;

/** For requests that only ask whether the Worker is there. */
const PROBE_TIMEOUT_MS = 2_000;

export type SendFailure =
  /** 429 or 503: the Worker or OpenSearch does not accept the batch now. Retry. */
  | "unavailable"
  /** No response, an unreadable response, or another 5xx: the outcome is unknown. Retry; a message may be at fault. */
  | "failed"
  /** 3xx or 4xx of another server, such as a reverse proxy or a firewall, or at a wrong URL. Retry and alert the operator. */
  | "not_the_worker"
  /** 413 of another server: it limits the size of requests. Send smaller ones. */
  | "size_limit"
  /** 401 or 403: the Worker does not accept the relay's token. Retry and alert the operator. */
  | "denied"
  /** Bot protection or a firewall rule in front of the Worker responded with a page. Retry and alert the operator. */
  | "challenged"
  /** 409: the relay's clock differs from the Worker's. Retry and alert the operator. */
  | "clock_skew"
  /** A 400 or 413 of the Worker itself: it will never accept this batch. Split it. */
  | "refused";

export class SendError extends Error {
  override readonly name = "SendError";
  readonly failure: SendFailure;
  /** The delay in the Retry-After header, at most a minute. 0 if the header is absent. */
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
  const { status, headers, body } = response;
  const received = { status, contentType: headers["content-type"], body };
  if (isRelayRefusal(received)) return "refused";
  switch (status) {
    case 401:
    case 403:
      return "denied";
    case 409:
      return "clock_skew";
    case 413:
      return "size_limit";
    case 429:
    case 503:
      return "unavailable";
    default:
      return status < 500 && readProblemReason(received) === undefined ? "not_the_worker" : "failed";
  }
};

/** The servers that respond in place of the Worker. */
const OTHER_SERVERS: Readonly<Partial<Record<SendFailure, string>>> = {
  challenged: "A firewall in front of the Worker",
  not_the_worker: "Another server than the Worker",
  size_limit: "Another server than the Worker",
};

/** A proxy can answer with hours. The Worker and its store are probably available before. */
const MAX_RETRY_AFTER_MS = 60_000;

const toRetryAfterMs = (header: string | undefined): number => {
  const seconds = Number(header ?? 0);
  return seconds > 0 ? Math.min(seconds * 1_000, MAX_RETRY_AFTER_MS) : 0;
};

export interface SendOptions {
  /** Store the payloads as rejected without decoding them. */
  readonly setAside: boolean;
  /** Default: 60 seconds. */
  readonly timeoutMs?: number;
}

export interface WorkerClient {
  /** Rejects with a {@link SendError} unless the response has one outcome per message. */
  send(messages: readonly RelayedMessage[], options: SendOptions): Promise<readonly ReceivedRelayOutcome[]>;
  /**
   * True if the Worker responds to `GET /healthz` within 2 s. A status from 500 is that of a proxy that does not reach the Worker, or of
   * a Worker that fails with every request.
   */
  responds(): Promise<boolean>;
  /**
   * True if the Worker accepts a request without messages within 2 s. If so, a message that it refuses or with which it fails is at
   * fault, and not the version of the Worker or a server in front of it.
   */
  accepts(): Promise<boolean>;
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
  const client: WorkerClient = {
    async send(messages, { setAside, timeoutMs = REQUEST_TIMEOUT_MS }) {
      const options = { messages, sentAtMs: Date.now(), ...(setAside ? { setAside } : {}) };
      const frame = encodeRelayFrame(options, freeMemory.pop());
      const response = await sendRequest(endpoint, {
        method: "POST",
        headers,
        body: frame,
        signal: AbortSignal.timeout(timeoutMs),
      }).catch((cause: unknown) => {
        throw new SendError("failed", "The Worker did not respond", { cause });
      });
      const { status } = response;
      if (status !== 200) {
        const failure = toFailure(response);
        throw new SendError(failure, `${OTHER_SERVERS[failure] ?? "The Worker"} responded with ${status}`, {
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
        const { status } = await sendRequest(health, { method: "GET", signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
        return status < 500;
      } catch {
        return false;
      }
    },
    async accepts() {
      try {
        await client.send([], { setAside: false, timeoutMs: PROBE_TIMEOUT_MS });
        return true;
      } catch {
        return false;
      }
    },
  };
  return client;
};
