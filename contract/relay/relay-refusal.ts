/**
 * How the relay recognizes that the Worker itself refuses a request to `POST /relay`. Servers in front of the Worker, such as a reverse
 * proxy, respond with the same statuses, so the status alone is not a refusal.
 */
import * as z from "zod";
import { PROBLEM_TYPE, type ProblemReason } from "#contract/api/problem.ts";

/** The reasons with which the Worker refuses a request that it will never accept, by status. */
const REFUSALS: Readonly<Record<number, ProblemReason>> = { 400: "unknown_shape", 413: "too_large" };

/** A problem of this or a later version of the Worker. */
const receivedProblemSchema = z.object({ status: z.int(), reason: z.string() });

export interface ReceivedResponse {
  readonly status: number;
  readonly contentType: string | undefined;
  /** The parsed JSON. */
  readonly body: unknown;
}

/** The reason of the Worker's problem. `undefined` if the response is not a problem, and thus of another server. */
export const readProblemReason = ({ status, contentType, body }: ReceivedResponse): string | undefined => {
  if (contentType?.startsWith(PROBLEM_TYPE) !== true) return undefined;
  const problem = receivedProblemSchema.safeParse(body).data;
  return problem?.status === status ? problem.reason : undefined;
};

/** Whether the Worker will never accept this request. */
export const isRelayRefusal = (response: ReceivedResponse): boolean => {
  const reason = readProblemReason(response);
  return reason !== undefined && reason === REFUSALS[response.status];
};
