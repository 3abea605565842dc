/**
 * Looks up documents by index and id. Unlike a search, it finds documents that were created a moment ago.
 */
import * as z from "zod";
import type { StoreClient } from "./client.ts";

/** A document that may exist. */
export interface DocumentRef {
  readonly index: string;
  readonly id: string;
}

const PATH = "/_mget?_source=false&filter_path=docs.found,docs.error.type";

const responseSchema = z.object({
  docs: z.array(z.union([z.object({ found: z.boolean() }), z.object({ error: z.object({ type: z.string() }) })])),
});

/**
 * Returns for each document whether it exists, in the order of `refs`. `undefined`: unknown, because OpenSearch or the index
 * is not available. Never rejects.
 */
export const findExisting = async (
  client: StoreClient,
  refs: readonly DocumentRef[],
): Promise<readonly (boolean | undefined)[]> => {
  const docs = refs.map(({ index, id }) => ({ _index: index, _id: id }));
  const response = await client.request("POST", PATH, { docs }).catch(() => undefined);
  const parsed = response?.status === 200 ? responseSchema.safeParse(response.body).data : undefined;
  return refs.map((_, i) => {
    const doc = parsed?.docs[i];
    if (doc === undefined) return undefined;
    if ("found" in doc) return doc.found;
    return doc.error.type === "index_not_found_exception" ? false : undefined;
  });
};
