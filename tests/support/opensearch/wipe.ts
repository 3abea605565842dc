/** Removes all that tests have created in an OpenSearch, and reports what is left. */
import { isDeepStrictEqual } from "node:util";
import { connectOpenSearch } from "../../../opensearch/connect.ts";

type Json = Readonly<Record<string, unknown>>;

/** Changes without a trace in the node: the names of deleted indices, and the version of the state. */
const IRRELEVANT_METADATA: ReadonlySet<string> = new Set(["index-graveyard", "version"]);

/** Whether an object, or an object in it, has a member that is not an object. */
const hasValue = (value: unknown): boolean =>
  typeof value !== "object" || value === null || Object.values(value).some(hasValue);

/** Members of the responses below that tests can change, as `path.name`. */
export type NodeContent = ReadonlyMap<string, unknown>;

const TIMEOUT_MS = 30_000;

/** Settings, all metadata of the cluster, and points in time. Objects without values count as missing. */
export const readContent = async (url: string, timeoutMs = TIMEOUT_MS): Promise<NodeContent> => {
  await using opensearch = connectOpenSearch(url, { timeoutMs, maxRetries: 0 });
  const get = async (path: string): Promise<Json> => (await opensearch.request("GET", path)) as Json;
  const [{ metadata }, settings, { pits }] = await Promise.all([
    get("/_cluster/state/metadata"),
    get("/_cluster/settings?flat_settings=true"),
    get("/_search/point_in_time/_all"),
  ]);
  const content = new Map<string, unknown>();
  const add = (path: string, members: Json): void => {
    for (const [name, value] of Object.entries(members)) {
      if (hasValue(value)) content.set(`${path}.${name}`, value);
    }
  };
  for (const [name, value] of Object.entries(metadata as Json)) {
    if (IRRELEVANT_METADATA.has(name)) continue;
    if (typeof value === "object" && value !== null) add(name, value as Json);
    else content.set(name, value);
  }
  for (const [name, value] of Object.entries(settings)) add(`${name} settings`, value as Json);
  for (const pit of pits as readonly Json[]) content.set(`point in time ${String(pit["pit_id"])}`, pit);
  return content;
};

/** Names of the members that differ from those of the node when it was new. */
export const findChanges = (initial: NodeContent, current: NodeContent): readonly string[] =>
  [...new Set([...initial.keys(), ...current.keys()])].filter(
    (name) => !isDeepStrictEqual(initial.get(name), current.get(name)),
  );

/** Resolves when all requests have succeeded. Rejects if the node does not respond or refuses one of them. */
export const wipe = async (url: string, timeoutMs = TIMEOUT_MS): Promise<void> => {
  await using opensearch = connectOpenSearch(url, { timeoutMs, maxRetries: 0 });
  const remove = (path: string): Promise<unknown> => opensearch.request("DELETE", path);
  const get = async (path: string): Promise<Json> => (await opensearch.request("GET", path)) as Json;
  await Promise.all([remove("/_search/scroll/_all"), remove("/_search/point_in_time/_all")]);
  // An index of a data stream can only be deleted with the stream, and a template only without streams.
  await remove("/_data_stream/*");
  await remove("/*?expand_wildcards=all");
  await remove("/_index_template/*");
  await Promise.all([remove("/_component_template/*"), remove("/_template/*")]);
  await Promise.all([remove("/_ingest/pipeline/*"), remove("/_search/pipeline/*")]);
  const state = await get("/_cluster/state/metadata?filter_path=metadata.stored_scripts");
  const scripts = (state as { metadata?: { stored_scripts?: Json } }).metadata?.stored_scripts ?? {};
  for (const id of Object.keys(scripts)) await remove(`/_scripts/${encodeURIComponent(id)}`);
  for (const repository of Object.keys(await get("/_snapshot"))) {
    await remove(`/_snapshot/${encodeURIComponent(repository)}`);
  }
  const settings = await get("/_cluster/settings?flat_settings=true");
  for (const [kind, values] of Object.entries(settings)) {
    const unset = Object.fromEntries(Object.keys(values as Json).map((name) => [name, null]));
    if (Object.keys(unset).length > 0) await opensearch.request("PUT", "/_cluster/settings", { [kind]: unset });
  }
};
