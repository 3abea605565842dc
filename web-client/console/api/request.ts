/**
 * Asks the read API with this tab's token. Never rejects, except when `signal` aborts.
 */
import { readerToken, signOut } from "./reader-token.ts";

/** What came of a question. `offset` and `length` say where a query is wrong: UTF-16 code units. */
export type RequestResult<Answer> =
  | { readonly state: "ok"; readonly answer: Answer }
  | { readonly state: "signed_out" }
  | {
      readonly state: "failed";
      readonly message: string;
      /** HTTP status; absent when no answer came. */
      readonly status?: number;
      /** The field of what was sent that is wrong. */
      readonly field?: string;
      readonly offset?: number;
      readonly length?: number;
    };

/** Whether an HTTP status says that the question is wrong: that does not get better by itself. */
export const isFinalStatus = (status: number): boolean => status >= 400 && status < 500 && status !== 429;

export interface RequestOptions {
  readonly signal?: AbortSignal;
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Sent as JSON. */
  readonly body?: unknown;
}

interface ProblemParts {
  readonly detail?: string;
  readonly field?: string;
  readonly offset?: number;
  readonly length?: number;
}

const readProblem = async (response: Response): Promise<ProblemParts> => {
  try {
    const { detail, field, offset, length } = (await response.json()) as Record<string, unknown>;
    return {
      ...(typeof detail === "string" && { detail }),
      ...(typeof field === "string" && { field }),
      ...(typeof offset === "number" && typeof length === "number" && { offset, length }),
    };
  } catch {
    // Not a problem document: the status has to say it.
    return {};
  }
};

/** Sends a request and gives the answer as it comes. A refused token signs this tab out. */
export const request = async (path: string, options: RequestOptions = {}): Promise<RequestResult<Response>> => {
  const { signal, method = "GET", body } = options;
  const token = readerToken.value;
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
    const { detail, ...place } = await readProblem(response);
    const { status } = response;
    return { state: "failed", message: detail ?? `The server answered ${status}.`, status, ...place };
  } catch {
    signal?.throwIfAborted();
    return { state: "failed", message: "The server cannot be reached." };
  }
};

/** Asks for JSON. An answer without a body is `undefined`. */
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
    return { state: "failed", message: "The answer could not be read." };
  }
};
