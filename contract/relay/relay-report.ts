/**
 * Body of `POST /relay/status`: the state of one relay, which it reports each minute. The Worker cannot reach the relay, so this is how the
 * status page gets its lag, backlog and losses.
 */
import * as z from "zod";
import type { Immutable } from "#contract/wire/immutable.ts";

const countSchema = z.number().min(0);

export const relayReportSchema = z.object({
  id: z
    .string()
    .regex(/^[0-9a-f]{12}$/)
    .meta({ description: "Name of the relay: the start of a hash of its client id." }),
  status: z.enum(["ok", "degraded", "stalled", "disconnected"]),
  problems: z.array(z.string().max(64)).max(20),
  oldestUnacknowledgedMs: countSchema.meta({ description: "Age of the oldest message that is not stored." }),
  heldMessages: countSchema.meta({ description: "Messages in the relay that are not stored yet." }),
  brokerStoredBytes: countSchema.meta({ description: "Size of the messages that wait in the broker." }),
  brokerQueueBytes: countSchema.meta({ description: "Limit of the broker's queue of one session." }),
  brokerDroppedMessages: countSchema.meta({
    description: "Messages that the broker dropped, since the state file exists.",
  }),
  lostSessions: countSchema.meta({ description: "Sessions that the broker lost, since the relay started." }),
  sessions: countSchema,
  readySessions: countSchema.meta({ description: "Sessions that are connected and subscribed." }),
  slowSessions: countSchema.meta({ description: "Sessions whose requests fail." }),
  certificateDays: z
    .number()
    .exactOptional()
    .meta({ description: "Days until the broker's certificate expires. Absent if the relay connects without TLS." }),
  lastFailure: z
    .object({ failure: z.string().max(64), app: z.string().max(64).exactOptional(), at: z.iso.datetime() })
    .exactOptional()
    .meta({ description: "The last request to the Worker that failed." }),
});

/** The state of one relay. */
export type RelayReport = Immutable<z.output<typeof relayReportSchema>>;
