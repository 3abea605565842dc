/** {@link Problem} as a schema, for the description of the API. */
import * as z from "zod";
import type { Problem, ProblemReason } from "#contract/api/problem.ts";

export const problemSchema = z
  .object({
    title: z.string(),
    status: z.int(),
    reason: z.custom<ProblemReason>((value) => typeof value === "string").meta({ type: "string" }),
    detail: z.string(),
    field: z.string().optional(),
    limit: z.number().optional(),
    offset: z.int().optional(),
    length: z.int().optional(),
  })
  .meta({ id: "Problem" }) satisfies z.ZodType<Partial<Record<keyof Problem, unknown>>>;
