/**
 * The stored events of a run, read from OpenSearch directly.
 */
import { LOGS_INDEX_PATTERN, REJECTED_INDEX_PATTERN } from "#contract/store/log-document.ts";
import { queryOpenSearch } from "../support/query-opensearch.ts";
import type { ChaosStack } from "./chaos-stack.ts";
import { KEY_ATTRIBUTE } from "./clients/chaos-client.ts";

const PAGE = 10_000;

/** The part of a test stack that is used here. */
type Queryable = Pick<ChaosStack, "stack">;

const query = <T>({ stack }: Queryable, path: string, body?: object): Promise<T> =>
  queryOpenSearch<T>(stack.file.opensearch, path, body);

const withPrefix = (prefix: string): object => ({ query: { prefix: { [`attributes.${KEY_ATTRIBUTE}`]: prefix } } });

interface Page {
  /** Missing while shards recover. */
  readonly hits?: { readonly hits: readonly { _source: { attributes: Record<string, string> }; sort: unknown[] }[] };
}

const refresh = async (chaos: Queryable): Promise<void> => {
  await query(chaos, `/${LOGS_INDEX_PATTERN}/_refresh`);
};

/** Number of documents whose key has this prefix, after a refresh. Throws while OpenSearch is unavailable. */
export const countStored = async (chaos: Queryable, prefix: string): Promise<number> => {
  await refresh(chaos);
  const { count } = await query<{ count?: number }>(chaos, `/${LOGS_INDEX_PATTERN}/_count`, withPrefix(prefix));
  return count ?? 0;
};

/** Key of the newest stored event. */
export const readNewestKey = async (chaos: Queryable, prefix: string): Promise<string | undefined> => {
  const page = await query<Page>(chaos, `/${LOGS_INDEX_PATTERN}/_search`, {
    ...withPrefix(prefix),
    size: 1,
    _source: ["attributes"],
    sort: [{ "log.record.uid": { order: "desc", unmapped_type: "keyword" } }],
  });
  return page.hits?.hits[0]?._source.attributes[KEY_ATTRIBUTE];
};

/** All events whose key has this prefix, after a refresh: the last ones may have been stored after any earlier count. */
export const readStored = async (
  chaos: Queryable,
  prefix: string,
): Promise<{ readonly documents: number; readonly stored: ReadonlySet<string> }> => {
  await refresh(chaos);
  const stored = new Set<string>();
  let documents = 0;
  let after: unknown[] | undefined;
  do {
    const page: Page = await query<Page>(chaos, `/${LOGS_INDEX_PATTERN}/_search`, {
      ...withPrefix(prefix),
      size: PAGE,
      _source: ["attributes"],
      sort: [{ "log.record.uid": "asc" }, { "@timestamp": "asc" }],
      ...(after === undefined ? {} : { search_after: after }),
    });
    if (page.hits === undefined) throw new Error(`Unexpected search response: ${JSON.stringify(page)}`);
    const { hits } = page.hits;
    for (const { _source } of hits) stored.add(_source.attributes[KEY_ATTRIBUTE] ?? "");
    documents += hits.length;
    after = hits.length === PAGE ? hits.at(-1)?.sort : undefined;
  } while (after !== undefined);
  return { documents, stored };
};

export const countRejected = async (chaos: Queryable, prefix: string): Promise<number> => {
  await query(chaos, `/${REJECTED_INDEX_PATTERN}/_refresh`);
  interface Found {
    readonly hits?: { readonly hits: readonly { _source: { payload: { text?: string } } }[] };
  }
  const found = await query<Found>(chaos, `/${REJECTED_INDEX_PATTERN}/_search`, {
    size: 1_000,
    query: { match_all: {} },
  });
  return (found.hits?.hits ?? []).filter(({ _source }) => _source.payload.text?.includes(prefix)).length;
};
