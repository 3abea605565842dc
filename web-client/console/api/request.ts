/**
 * Requests to the Worker's API with this tab's reader token. They reject only when `signal` aborts; all other failures are
 * results.
 */
import { backoffMs } from "../../logger/send/backoff.ts";
import { readerToken, signOut } from "./reader-token.ts";

/** Result of a request. `offset` and `length` locate an error in the query `q`, in UTF-16 code units. */
export type RequestResult<Answer> =
  | { readonly state: "ok"; readonly answer: Answer }
  | { readonly state: "signed_out" }
  | {
      readonly state: "failed";
      readonly message: string;
      /** HTTP status; absent if there was no response. */
      readonly status?: number;
      /** Name of the invalid field of the request body. */
      readonly field?: string;
      readonly offset?: number;
      readonly length?: number;
      /** A valid query that is probably meant, instead of an invalid `q`. */
      readonly suggestion?: string;
    };

/** Whether a retry of the same request would fail again: any 4xx status except 429 (rate limited). */
export const isFinalStatus = (status: number): boolean => status >= 400 && status < 500 && status !== 429;

/** Smallest delay before a retry, and base of the random backoff that is added to it. */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 15_000;

/** Delay before a retry. A final status gets the longest: it can be that of a firewall or of a deployment, and end. */
export const toRetryMs = (failures: number, status = 0): number =>
  RETRY_MS + (isFinalStatus(status) ? MAX_RETRY_MS : backoffMs(failures, RETRY_MS, MAX_RETRY_MS));

export interface RequestOptions {
  readonly signal?: AbortSignal;
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default: the token of this tab. */
  readonly token?: string;
}

interface ProblemFields {
  readonly detail?: string;
  readonly field?: string;
  readonly offset?: number;
  readonly length?: number;
  readonly suggestion?: string;
}

const readProblem = async (response: Response): Promise<ProblemFields> => {
  try {
    const { detail, field, offset, length, suggestion } = (await response.json()) as Record<string, unknown>;
    return {
      ...(typeof detail === "string" && { detail }),
      ...(typeof field === "string" && { field }),
      ...(typeof suggestion === "string" && { suggestion }),
      ...(typeof offset === "number" && typeof length === "number" && { offset, length }),
    };
  } catch {
    // Not a problem document: the message is made from the status.
    return {};
  }
};

/** Sends a request and returns the response unread. Status 401 signs this tab out if it has the same token. */
export const request = async (path: string, options: RequestOptions = {}): Promise<RequestResult<Response>> => {
  const { signal, method = "GET", body, token = readerToken.value } = options;
  if (token === undefined) return { state: "signed_out" };
  try {
    const response = await fetch(path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      cache: "no-store",
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    if (response.status === 401) {
      if (readerToken.value === token) signOut(true);
      return { state: "signed_out" };
    }
    if (response.ok) return { state: "ok", answer: response };
    const { detail, ...fields } = await readProblem(response);
    const { status } = response;
    return { state: "failed", message: detail ?? `The server responded with status ${status}.`, status, ...fields };
  } catch {
    signal?.throwIfAborted();
    return { state: "failed", message: "The server is unreachable." };
  }
};

/** Sends a request and parses the JSON response; `undefined` for status 204. */
export const requestJson = async <Answer>(
  path: string,
  options: RequestOptions = {},
): Promise<RequestResult<Answer>> => {
  const outcome = await request(path, options);
  if (outcome.state !== "ok") return outcome;
  const { answer: response } = outcome;
  try {
    const answer = response.status === 204 ? undefined : await response.json();
    return { state: "ok", answer: answer as Answer };
  } catch {
    options.signal?.throwIfAborted();
    return { state: "failed", message: "The server sent an unreadable response." };
  }
};
