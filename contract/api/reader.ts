/**
 * `GET /reader`: what a reader token may do, for the page that holds it.
 */
import * as z from "zod";
import { RETENTION_CLASSES_DAYS } from "#contract/wire/limits.ts";

const readableAppSchema = z.object({
  id: z.string(),
  retentionDays: z
    .literal(RETENTION_CLASSES_DAYS)
    .optional()
    .meta({ description: "Absent where the app is gone and only its logs are left." }),
  tail: z.array(z.string()).meta({
    description: "MQTT topic filters of its live tail, see PROTOCOL.md; none where it can't log or there are no tails.",
  }),
});

export const readerResponseSchema = z.object({
  apps: z.array(readableAppSchema),
  expiresAt: z.iso.datetime().optional().meta({ description: "Absent: valid until it is revoked." }),
  canAlert: z.boolean().meta({ description: "Whether it may make and change alerts." }),
});

/** One app that a token may read. */
export type ReadableApp = z.output<typeof readableAppSchema>;

/** Answer of `GET /reader`. */
export type ReaderResponse = z.output<typeof readerResponseSchema>;
