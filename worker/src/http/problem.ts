/**
 * Errors of the HTTP API as `application/problem+json` (RFC 9457).
 */
import { PROBLEM_TYPE, type Problem } from "#contract/api/problem.ts";
import type { Failure } from "../failure.ts";
import { toProblem } from "./to-problem.ts";

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  426: "Upgrade Required",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
};

/** The response to a request that failed. */
export const toProblemResponse = (failure: Failure): Response => {
  const { status, reason, detail, field, limit, offset, length, suggestion, headers } = toProblem(failure);
  const problem: Problem = {
    title: TITLES[status] ?? "Error",
    status,
    reason,
    detail,
    ...(field === undefined ? {} : { field }),
    ...(limit === undefined ? {} : { limit }),
    ...(offset === undefined ? {} : { offset }),
    ...(length === undefined ? {} : { length }),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
  return Response.json(problem, { status, headers: { ...headers, "Content-Type": PROBLEM_TYPE } });
};
