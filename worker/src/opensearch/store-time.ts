/** OpenSearch's clock. */
import * as z from "zod";
import type { StoreClient } from "./client.ts";
import { parseResponse } from "./search.ts";

/** OpenSearch sends no `Date` header; this is its cheapest response with a time. Seconds since 1970, as text. */
const PATH = "/_cat/health?format=json&h=epoch";
const timeSchema = z.tuple([z.object({ epoch: z.coerce.number() })]);

/** Milliseconds since 1970, of a whole second. Throws `StoreUnavailableError`. */
export const fetchStoreTimeMs = async (client: StoreClient): Promise<number> => {
  const [{ epoch }] = parseResponse(await client.request("GET", PATH), timeSchema);
  return epoch * 1_000;
};
