/**
 * The requests that clients of Elasticsearch send before their first logs: version, license, health, and templates. They change
 * nothing, and the responses let the client continue.
 */
import { ELASTICSEARCH_PREFIX } from "./elasticsearch-paths.ts";

/** Accepted by the clients of versions 7, 8 and 9, and by OpenSearch's. */
const VERSION = "8.19.0";

const VERSION_RESPONSE = {
  name: "edgelog",
  cluster_name: "edgelog",
  cluster_uuid: "ZWRnZWxvZ2VkZ2Vsb2dlZA",
  version: {
    number: VERSION,
    build_flavor: "default",
    build_type: "docker",
    build_hash: "0000000000000000000000000000000000000000",
    build_date: "2025-07-23T22:10:18.138215839Z",
    build_snapshot: false,
    lucene_version: "9.12.2",
    minimum_wire_compatibility_version: "7.17.0",
    minimum_index_compatibility_version: "7.0.0",
  },
  tagline: "You Know, for Search",
};

const LICENSE = {
  status: "active",
  uid: "edgelog",
  type: "basic",
  mode: "basic",
  issued_to: "edgelog",
  issuer: "edgelog",
};

const SHARDS = { total: 1, successful: 1, failed: 0 };

const HEALTH = {
  cluster_name: "edgelog",
  status: "green",
  timed_out: false,
  number_of_nodes: 1,
  number_of_data_nodes: 1,
  active_primary_shards: 1,
  active_shards: 1,
  relocating_shards: 0,
  initializing_shards: 0,
  unassigned_shards: 0,
};

const FEATURE = { available: false, enabled: false };

/** Response to `GET` and `HEAD` by the first segment of the path. */
const RESPONSES: Readonly<Record<string, object>> = {
  _license: { license: LICENSE },
  _xpack: { license: LICENSE, features: { ilm: FEATURE, security: FEATURE, monitoring: FEATURE }, tagline: "edgelog" },
  _cluster: HEALTH,
  _nodes: { _nodes: SHARDS, cluster_name: "edgelog", nodes: {} },
  _cat: [],
  _index_template: { index_templates: [] },
  _component_template: { component_templates: [] },
  _data_stream: { data_streams: [] },
  _template: {},
  _ilm: {},
  _ingest: {},
  _alias: {},
  _aliases: {},
};

const ACKNOWLEDGED = { acknowledged: true };

/** Operations after the name of an index, for example `POST /logs/_refresh`. */
const INDEX_OPERATIONS = new Set(["_refresh", "_flush", "_mapping", "_settings", "_alias"]);

const READING = new Set(["GET", "HEAD"]);

const isIndexName = (name: string): boolean => name !== "" && !name.startsWith("_");

/**
 * The response to a request before or between those with logs, as JSON. `undefined` for any other request: reading documents is
 * not supported.
 */
export const findSetupResponse = (method: string, path: string): object | undefined => {
  const [first = "", second, ...rest] = path.slice(ELASTICSEARCH_PREFIX.length).split("/").filter(Boolean);
  const isReading = READING.has(method);
  if (first === "") return isReading ? VERSION_RESPONSE : undefined;
  if (Object.hasOwn(RESPONSES, first)) {
    if (isReading) return RESPONSES[first];
    return method === "PUT" || method === "POST" ? ACKNOWLEDGED : undefined;
  }
  if (!isIndexName(first) || method === "DELETE") return undefined;
  if (second === undefined) {
    if (method === "HEAD") return {};
    return method === "PUT" ? { ...ACKNOWLEDGED, shards_acknowledged: true, index: first } : undefined;
  }
  if (!INDEX_OPERATIONS.has(second) || (rest.length > 0 && second !== "_alias")) return undefined;
  return isReading ? {} : { ...ACKNOWLEDGED, _shards: SHARDS };
};
