/** Stores and reads the reports of relays. */
import * as z from "zod";
import type { RelayReport } from "#contract/relay/relay-report.ts";
import { relayStatusSchema, STATUS_INDEX, type RelayStatusDocument } from "#contract/store/status.ts";
import { DAY_MS } from "#contract/wire/durations.ts";
import { StoreUnavailableError, type StoreClient } from "../opensearch/client.ts";
import { search } from "../opensearch/search.ts";

/** A relay with another client id reports under another id. The old one is no longer listed after this time. */
const LISTED_MS = 7 * DAY_MS;
const MAX_RELAYS = 50;

/** Throws `StoreUnavailableError`. */
export const putRelayReport = async (client: StoreClient, report: RelayReport, nowMs: number): Promise<void> => {
  const document: RelayStatusDocument = { ...report, reportedAt: new Date(nowMs).toISOString() };
  const { status } = await client.request("PUT", `/${STATUS_INDEX}/_doc/relay-${report.id}`, document);
  if (status !== 200 && status !== 201) throw new StoreUnavailableError("writing the report of a relay failed", status);
};

const reportsSchema = z.object({ hits: z.object({ hits: z.array(z.object({ _source: z.unknown() })) }) });

/** The latest report of each relay, newest first. Reports of another version of this project that cannot be read are left out. */
export const fetchRelayReports = async (
  client: StoreClient,
  nowMs: number,
): Promise<readonly RelayStatusDocument[]> => {
  const body = {
    size: MAX_RELAYS,
    track_total_hits: false,
    sort: [{ reportedAt: { order: "desc", unmapped_type: "date" } }],
    query: { range: { reportedAt: { gte: new Date(nowMs - LISTED_MS).toISOString() } } },
  };
  const { hits } = await search(client, body, reportsSchema, STATUS_INDEX);
  return hits.hits.flatMap(({ _source }) => relayStatusSchema.safeParse(_source).data ?? []);
};
