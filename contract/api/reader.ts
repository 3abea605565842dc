/**
 * `GET /reader`: the permissions of a reader token.
 */
import * as z from "zod";
import { RETENTION_CLASSES_DAYS } from "#contract/wire/limits.ts";

const readableAppSchema = z.object({
  id: z.string(),
  retentionDays: z
    .literal(RETENTION_CLASSES_DAYS)
    .optional()
    .meta({ description: "Retention of its logs. Absent if the app was deleted and only its logs remain." }),
  tail: z.array(z.string()).meta({
    description:
      "MQTT topic filters of its live tail, see PROTOCOL.md. Empty if the app is disabled or there is no live tail.",
  }),
});

export const readerResponseSchema = z.object({
  tokenId: z.string().meta({
    description: "Id of the token, as `npm run reader -- list` shows it. It is not secret.",
    example: "5f9c4ab08cac",
  }),
  apps: z.array(readableAppSchema),
  expiresAt: z.iso
    .datetime()
    .optional()
    .meta({ description: "Expiry time. Absent: the token is valid until it is revoked." }),
  canAlert: z.boolean().meta({ description: "Whether the token may create and change alerts." }),
  canMonitor: z.boolean().exactOptional().meta({ description: "Whether the token may read `/status` and `/metrics`." }),
});

/** One app that a token may read. */
export type ReadableApp = z.output<typeof readableAppSchema>;

/** Response of `GET /reader`. */
export type ReaderResponse = z.output<typeof readerResponseSchema>;
