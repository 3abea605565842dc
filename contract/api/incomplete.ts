/**
 * The mark of a response that lacks logs because OpenSearch cannot read some of its shards.
 */
import * as z from "zod";
import type { Immutable } from "#contract/wire/immutable.ts";

export const incompleteSchema = z
  .object({
    failedShards: z.int().min(1).meta({ description: "Number of shards that were not searched." }),
    indices: z.array(z.string()).meta({
      description:
        "Names of their indices, as far as they are known. A name contains the day, week or month of its logs.",
    }),
  })
  .meta({
    id: "Incomplete",
    description:
      "Logs of these indices may be missing, and all counts may be too low. Absent: the response is complete.",
  });

/** The member `incomplete` of a response. */
export type Incomplete = Immutable<z.output<typeof incompleteSchema>>;

/** The member `incomplete` that every response with logs or counts may have. */
export const mayBeIncomplete = { incomplete: incompleteSchema.exactOptional() };
