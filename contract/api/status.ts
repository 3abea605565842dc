/**
 * `GET /status`: the state of each part of a deployment, for tokens with `canMonitor`. Parts that cannot be read are absent: if OpenSearch
 * is unavailable, only `health` is left.
 */
import * as z from "zod";
import { deletionSchema, holdSchema } from "#contract/store/retention.ts";
import { relayStatusSchema } from "#contract/store/status.ts";
import type { Immutable } from "#contract/wire/immutable.ts";
import { REJECT_REASONS } from "#contract/wire/reject-reason.ts";
import { healthSchema } from "./health.ts";

const countSchema = z.number().min(0);

export const statusResponseSchema = z
  .object({
    checkedAt: z.iso.datetime(),
    health: healthSchema,
    store: z
      .object({
        indices: countSchema.meta({ description: "Number of indices of logs and rejected events." }),
        bytes: countSchema.meta({ description: "Their size on disk, with all copies." }),
        documents: countSchema,
        bytesPerDay: countSchema.meta({ description: "Growth per day, from the last 7 days, without deletions." }),
        disks: z
          .array(z.object({ usedBytes: countSchema, totalBytes: countSchema }))
          .exactOptional()
          .meta({ description: "The disks of OpenSearch. Absent if the Worker may not read them." }),
        diskDaysLeft: countSchema.exactOptional().meta({
          description:
            "Days until a disk is 90 % full (high watermark), if logs are deleted only when they expire. Absent: unknown, or not expected.",
        }),
      })
      .exactOptional(),
    relays: z
      .array(relayStatusSchema)
      .exactOptional()
      .meta({ description: "Relays that reported in the last 7 days, the latest report first." }),
    today: z
      .object({
        countedAt: z.iso.datetime().meta({ description: "Last run of the cron job that counts." }),
        events: countSchema,
        bytes: countSchema,
        rejectedBytes: countSchema.meta({ description: "The part of `bytes` that rejected events have." }),
        rejected: countSchema,
        overQuota: countSchema,
        apps: z
          .array(
            z.object({
              app: z.string(),
              events: countSchema,
              bytes: countSchema,
              rejectedBytes: countSchema,
              rejected: countSchema,
              overQuota: countSchema,
              bytesPerDay: countSchema.exactOptional(),
            }),
          )
          .meta({ description: "At most 100 apps, those that sent most." }),
        rejectedByReason: z.partialRecord(z.enum(REJECT_REASONS), countSchema),
      })
      .exactOptional()
      .meta({ description: "The events that arrived on this day in UTC." }),
    retention: z
      .object({
        holds: z.array(holdSchema).meta({ description: "Apps whose logs are not deleted." }),
        last: z
          .object({ at: z.iso.datetime(), deletions: z.array(deletionSchema) })
          .exactOptional()
          .meta({ description: "The last run that deleted something." }),
      })
      .exactOptional(),
  })
  .meta({ id: "Status" });

export type StatusResponse = Immutable<z.output<typeof statusResponseSchema>>;
