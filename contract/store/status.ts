/**
 * Documents of the index `edgelog-status`: the latest report of each relay, with the relay's id as the document's id, and the time up to
 * which the logs of alerts are counted.
 */
import * as z from "zod";
import { relayReportSchema } from "#contract/relay/relay-report.ts";
import type { Immutable } from "#contract/wire/immutable.ts";

export const STATUS_INDEX = "edgelog-status";

export const relayStatusSchema = relayReportSchema.extend({
  reportedAt: z.iso.datetime().meta({ description: "Time at which the Worker received the report." }),
});

/** Id of the document with the last check of the alerts. It has no `reportedAt`, so it is not listed among the relays. */
export const ALERT_CHECK_ID = "alerts";

export const alertCheckSchema = z.object({ countedTo: z.iso.datetime() });

export type RelayStatusDocument = Immutable<z.output<typeof relayStatusSchema>>;
