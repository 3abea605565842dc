/**
 * Documents of the index `edgelog-usage`: the logs that each app sent in one day. The Worker's cron job writes the document
 * of the current day each minute.
 */
import * as z from "zod";
import type { Immutable } from "#contract/wire/immutable.ts";

/** The index of usage. */
export const USAGE_INDEX = "edgelog-usage";

/** Apps in one document: those that sent most. A Worker may read 1,000 KV entries in one invocation, one for each app. */
export const MAX_USAGE_APPS = 500;

const countSchema = z.number().min(0);

export const appUsageSchema = z.object({
  app: z.string(),
  bytes: countSchema.meta({
    description: "Size of the stored and rejected events, as JSON. It counts toward the quota.",
  }),
  rejectedBytes: countSchema
    .default(0)
    .meta({ description: "The part of `bytes` that rejected events have. 0 for days that an older version counted." }),
  events: countSchema.meta({ description: "Number of stored events." }),
  rejected: countSchema.meta({ description: "Number of rejected events, without those over quota." }),
  overQuota: countSchema.meta({ description: "Number of events rejected because of a quota." }),
  bytesPerDay: z.number().exactOptional().meta({ description: "The app's quota of bytes. Absent: no quota." }),
  eventsPerSecond: z
    .number()
    .exactOptional()
    .meta({ description: "The app's quota of events per second. Absent: no quota." }),
});

export const usageDocumentSchema = z.object({
  day: z.iso.date().meta({ description: "Day of arrival, in UTC." }),
  countedAt: z.iso.datetime().meta({ description: "Time at which it was counted." }),
  apps: z.array(appUsageSchema),
});

/** The logs of one app in one day. */
export type AppUsage = Immutable<z.output<typeof appUsageSchema>>;

/** The logs of all apps in one day. The document's id is the day. */
export type UsageDocument = Immutable<z.output<typeof usageDocumentSchema>>;
