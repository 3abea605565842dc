/**
 * Errors of the HTTP API. Routes throw a {@link ProblemError}; app.ts turns it into `application/problem+json`.
 */
import type { Problem, ProblemReason } from "#contract/api/problem.ts";

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  426: "Upgrade Required",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
};

export interface ProblemOptions {
  readonly status: number;
  readonly reason: ProblemReason;
  readonly detail: string;
  readonly field?: string | undefined;
  readonly limit?: number | undefined;
  /** The characters of a query to mark. */
  readonly offset?: number | undefined;
  readonly length?: number | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that can't be answered otherwise. `detail` is for the caller: it names field and limit, nothing internal. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly options: ProblemOptions;

  constructor(options: ProblemOptions) {
    super(options.detail);
    this.options = options;
  }

  toResponse(): Response {
    const { status, reason, detail, field, limit, offset, length, headers } = this.options;
    const problem: Problem = {
      title: TITLES[status] ?? "Error",
      status,
      reason,
      detail,
      ...(field === undefined ? {} : { field }),
      ...(limit === undefined ? {} : { limit }),
      ...(offset === undefined ? {} : { offset }),
      ...(length === undefined ? {} : { length }),
    };
    return Response.json(problem, { status, headers: { ...headers, "Content-Type": "application/problem+json" } });
  }
}
