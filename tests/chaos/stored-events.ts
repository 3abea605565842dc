/**
 * What OpenSearch itself has of the events of a run. Every other service may be wrong about it.
 */
import { LOGS_INDEX_PATTERN, REJECTED_INDEX_PATTERN } from "#contract/store/log-document.ts";
import type { ChaosStack } from "./chaos-stack.ts";
import { KEY_ATTRIBUTE } from "./clients/chaos-client.ts";

const PAGE = 10_000;

const query = async <T>(line: ChaosStack, path: string, body?: object): Promise<T> => {
  const response = await fetch(new URL(path, line.stack.file.opensearch), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as T;
};

const withPrefix = (prefix: string): object => ({ query: { prefix: { [`attributes.${KEY_ATTRIBUTE}`]: prefix } } });

interface Page {
  /** Not there while shards are on their way back. */
  readonly hits?: { readonly hits: readonly { _source: { attributes: Record<string, string> }; sort: unknown[] }[] };
}

/** Documents whose key begins so; what was stored before the call counts. Throws while OpenSearch is away. */
export const countStored = async (line: ChaosStack, prefix: string): Promise<number> => {
  await query(line, `/${LOGS_INDEX_PATTERN}/_refresh`);
  const { count } = await query<{ count?: number }>(line, `/${LOGS_INDEX_PATTERN}/_count`, withPrefix(prefix));
  return count ?? 0;
};

/** Key of the youngest event that is stored. */
export const readNewestKey = async (line: ChaosStack, prefix: string): Promise<string | undefined> => {
  const page = await query<Page>(line, `/${LOGS_INDEX_PATTERN}/_search`, {
    ...withPrefix(prefix),
    size: 1,
    _source: ["attributes"],
    sort: [{ "log.record.uid": { order: "desc", unmapped_type: "keyword" } }],
  });
  return page.hits?.hits[0]?._source.attributes[KEY_ATTRIBUTE];
};

export const readStored = async (
  line: ChaosStack,
  prefix: string,
): Promise<{ readonly documents: number; readonly stored: ReadonlySet<string> }> => {
  const stored = new Set<string>();
  let documents = 0;
  let after: unknown[] | undefined;
  do {
    const page: Page = await query<Page>(line, `/${LOGS_INDEX_PATTERN}/_search`, {
      ...withPrefix(prefix),
      size: PAGE,
      _source: ["attributes"],
      sort: [{ "log.record.uid": "asc" }, { "@timestamp": "asc" }],
      ...(after === undefined ? {} : { search_after: after }),
    });
    if (page.hits === undefined) throw new Error(`OpenSearch does not tell what it has: ${JSON.stringify(page)}`);
    const { hits } = page.hits;
    for (const { _source } of hits) stored.add(_source.attributes[KEY_ATTRIBUTE] ?? "");
    documents += hits.length;
    after = hits.length === PAGE ? hits.at(-1)?.sort : undefined;
  } while (after !== undefined);
  return { documents, stored };
};

export const countRejected = async (line: ChaosStack, prefix: string): Promise<number> => {
  await query(line, `/${REJECTED_INDEX_PATTERN}/_refresh`);
  interface Found {
    readonly hits?: { readonly hits: readonly { _source: { payload: { text?: string } } }[] };
  }
  const found = await query<Found>(line, `/${REJECTED_INDEX_PATTERN}/_search`, {
    size: 1_000,
    query: { match_all: {} },
  });
  return (found.hits?.hits ?? []).filter(({ _source }) => _source.payload.text?.includes(prefix)).length;
};
