/** Documents of the index `edgelog-status`: the latest report of each relay, with the relay's id as the document's id. */
import * as z from "zod";
import { relayReportSchema } from "#contract/relay/relay-report.ts";
import type { Immutable } from "#contract/wire/immutable.ts";

export const STATUS_INDEX = "edgelog-status";

export const relayStatusSchema = relayReportSchema.extend({
  reportedAt: z.iso.datetime().meta({ description: "Time at which the Worker received the report." }),
});

export type RelayStatusDocument = Immutable<z.output<typeof relayStatusSchema>>;
