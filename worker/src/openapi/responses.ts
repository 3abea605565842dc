/** The bodies of responses in the OpenAPI description. */
import type * as z from "zod";
import type { ZodOpenApiResponseObject } from "zod-openapi";
import { PROBLEM_TYPE, problemSchema } from "#contract/api/problem.ts";
import { receiptSchema } from "#contract/wire/receipt.ts";

export const json = (description: string, schema: z.ZodType): ZodOpenApiResponseObject => ({
  description,
  content: { "application/json": { schema } },
});

export const problem = (description: string): ZodOpenApiResponseObject => ({
  description,
  content: { [PROBLEM_TYPE]: { schema: problemSchema } },
});

export const receiptOrProblem = (description: string): ZodOpenApiResponseObject => ({
  description,
  content: { "application/json": { schema: receiptSchema }, [PROBLEM_TYPE]: { schema: problemSchema } },
});

export const READ_PROBLEMS = {
  "400": problem("Invalid or unknown parameter. With `invalid_query`, `offset` and `length` give the position in `q`."),
  "401": problem("Missing or unknown token."),
  "403": problem("The token does not grant access to the app or the operation."),
  "429": problem("Too many requests from this address. Retry after the time in Retry-After."),
  "503": problem("OpenSearch is unavailable. Retry after the time in Retry-After."),
};
