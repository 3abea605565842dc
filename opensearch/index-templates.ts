/**
 * The index templates, built from the contract's table of typed fields. `npm run generate` writes them to
 * `templates/*.json`, for manual setup.
 *
 * `dynamic: false` and `flat_object` bound the mapping: no sender can add fields to it or cause a type conflict.
 */
import {
  ALERTS_INDEX,
  TYPED_EVENT_FIELDS,
  LOGS_INDEX_PATTERN,
  LOGS_TEMPLATE,
  OBSERVABILITY_ALIAS,
  REJECTED_INDEX_PATTERN,
  REJECTED_TEMPLATE,
  TYPED_RESOURCE_FIELDS,
  type FieldTarget,
} from "#contract/store/log-document.ts";

import { ERROR_GROUPS_INDEX } from "#contract/store/error-group.ts";
import { ERASURES_INDEX } from "#contract/store/erasure.ts";
import { ANALYZED_STACKTRACE, ANALYZED_TEXT, TEXT_ANALYSIS } from "./text-analysis.ts";
import { RETENTION_INDEX } from "#contract/store/retention.ts";
import { STATUS_INDEX } from "#contract/store/status.ts";
import { USAGE_INDEX } from "#contract/store/usage.ts";

type Mapping = Record<string, unknown>;

/** Lucene rejects documents with a term over 32,766 bytes; longer values are stored but not indexed. */
const KEYWORD_IGNORE_ABOVE_LENGTH = 8_192;

const KEYWORD: Mapping = { type: "keyword", ignore_above: KEYWORD_IGNORE_ABOVE_LENGTH };
const TEXT: Mapping = { type: "text" };
const DATE: Mapping = { type: "date" };
const FLAT_OBJECT: Mapping = { type: "flat_object" };

/**
 * A time that each log has. OpenSearch tries the formats in this order: the first one is what the Worker writes, and takes half as
 * long to parse as the two others, which are the default. Searches accept and return the same texts as with the default.
 */
const LOG_TIME: Mapping = {
  ...DATE,
  format: "uuuu-MM-dd'T'HH:mm:ss.SSSXXX||strict_date_optional_time||epoch_millis",
};

/**
 * Numbers that are sorted by or added up, and rarely searched. Doc values suffice, and a search reads those of all logs; the index
 * would cost CPU time and memory.
 */
const SORTED_ONLY: Mapping = { index: false };

/** Keywords with few values, most of which nearly all logs have: an index would not make a search faster. */
const FEW_VALUES: Mapping = { ...KEYWORD, index: false };

/**
 * The id of an event. Searches use the doc values: a segment without the id is left out after one lookup in its list of values,
 * and only the segment with the id is scanned. The index would take 22 bytes a log.
 */
const EVENT_ID: Mapping = { ...KEYWORD, index: false };

/** Whole values, and the words in them. */
const KEYWORD_WITH_WORDS: Mapping = { ...KEYWORD, fields: { words: ANALYZED_TEXT } };

const toMapping = (target: FieldTarget): Mapping => {
  if (target === TYPED_EVENT_FIELDS["exception.type"]) return KEYWORD_WITH_WORDS;
  if (target === TYPED_EVENT_FIELDS["exception.stacktrace"]) return ANALYZED_STACKTRACE;
  switch (target.type) {
    case "keyword":
      return KEYWORD;
    case "text":
      return ANALYZED_TEXT;
    case "long":
    case "double":
      return { type: target.type };
  }
};

/** Adds the fields of a table to nested `properties`. */
const nest = (tree: Mapping, table: Readonly<Record<string, FieldTarget>>): Mapping => {
  for (const target of Object.values(table)) {
    let node = tree;
    for (const part of target.path.slice(0, -1)) {
      const child = (node[part] ??= { properties: {} }) as { properties: Mapping };
      node = child.properties;
    }
    const last = target.path.at(-1);
    if (last !== undefined) node[last] = toMapping(target);
  }
  return tree;
};

const keywords = (...names: readonly string[]): Mapping => Object.fromEntries(names.map((name) => [name, KEYWORD]));

const logProperties = (): Mapping => {
  const properties = nest(
    {
      resource: { properties: { attributes: FLAT_OBJECT } },
      log: { properties: { record: { properties: { uid: EVENT_ID } } } },
    },
    TYPED_RESOURCE_FIELDS,
  );
  nest(properties, TYPED_EVENT_FIELDS);
  return {
    "@timestamp": LOG_TIME,
    observedTimestamp: LOG_TIME,
    severity: { properties: { text: KEYWORD, number: { type: "byte" } } },
    body: ANALYZED_TEXT,
    attributes: FLAT_OBJECT,
    traceId: KEYWORD,
    spanId: KEYWORD,
    geo: { properties: { location: { type: "geo_point", ignore_malformed: true } } },
    error: { properties: keywords("grouping_key") },
    edgelog: {
      properties: {
        ...keywords("app", "client", "values", "changes", "claimedId"),
        transport: FEW_VALUES,
        dialect: FEW_VALUES,
        claimedTime: DATE,
        nanos: { type: "integer", ...SORTED_ONLY },
        sequence: { type: "long", ...SORTED_ONLY },
        lagMs: { type: "long", ...SORTED_ONLY },
        bytes: { type: "long", ...SORTED_ONLY },
        omittedValues: { type: "long", ...SORTED_ONLY },
        shortened: {
          properties: {
            field: KEYWORD,
            length: { type: "long", ...SORTED_ONLY },
            omitted: { type: "long", ...SORTED_ONLY },
          },
        },
      },
    },
    ...properties,
  };
};

const rejectedProperties = (): Mapping => ({
  "@timestamp": DATE,
  ...keywords("uid", "reason", "field", "users"),
  message: TEXT,
  limit: { type: "long" },
  event: { properties: { id: KEYWORD, index: { type: "integer" }, count: { type: "integer" } } },
  edgelog: {
    properties: { ...keywords("app", "client", "transport", "topic"), bytes: { type: "long", ...SORTED_ONLY } },
  },
  // The payload as received; never indexed.
  payload: {
    properties: { text: { type: "text", index: false }, base64: { type: "binary" }, bytes: { type: "long" } },
  },
});

/** Increase it with each change of the mapping, the analysis or the settings. Existing indices keep the version of their creation. */
const TEMPLATE_VERSION = 7;

const toTemplate = (
  pattern: string,
  properties: Mapping,
  { analysis, alias }: { readonly analysis?: object; readonly alias?: string } = {},
): Mapping => ({
  index_patterns: [pattern],
  priority: 200,
  version: TEMPLATE_VERSION,
  template: {
    settings: {
      number_of_shards: 1,
      auto_expand_replicas: "0-1",
      refresh_interval: "1s",
      codec: "best_compression",
      // Merges adjacent segments, 32 instead of 10 at a time: each log is written again less often, and a segment has the logs
      // of one span of time, so that a search for a time reads few segments.
      "merge.policy": "log_byte_size",
      "merge.log_byte_size_policy.merge_factor": 32,
      // Otherwise a refresh waits up to 10 seconds for the merges of small segments, and new logs are not found meanwhile.
      "merge_on_flush.enabled": false,
      // The delivery guarantee depends on this setting: a successful bulk response means that the documents are on
      // disk.
      "translog.durability": "request",
      ...(analysis === undefined ? {} : { analysis }),
    },
    mappings: { dynamic: false, properties },
    ...(alias === undefined ? {} : { aliases: { [alias]: {} } }),
  },
});

/** Rules are fetched by id and not searched; only the field for their order is indexed. */
const alertsTemplate = (): Mapping => ({
  index_patterns: [ALERTS_INDEX],
  priority: 200,
  template: {
    settings: { number_of_shards: 1, auto_expand_replicas: "0-1" },
    mappings: { dynamic: false, properties: { createdAt: DATE } },
  },
});

/** Usage is read by day; only the id is searched. */
const usageTemplate = (): Mapping => ({
  index_patterns: [USAGE_INDEX],
  priority: 200,
  template: {
    settings: { number_of_shards: 1, auto_expand_replicas: "0-1" },
    mappings: { dynamic: false, properties: { day: DATE } },
  },
});

/** Error groups are read by id, and counted and sorted by app when there are too many. */
const errorGroupsTemplate = (): Mapping => ({
  index_patterns: [ERROR_GROUPS_INDEX],
  priority: 200,
  template: {
    settings: { number_of_shards: 1, auto_expand_replicas: "0-1" },
    mappings: { dynamic: false, properties: { app: KEYWORD, lastSeen: DATE } },
  },
});

/** Erasures are listed by time. */
const erasuresTemplate = (): Mapping => ({
  index_patterns: [ERASURES_INDEX],
  priority: 200,
  template: {
    settings: { number_of_shards: 1, auto_expand_replicas: "0-1" },
    mappings: { dynamic: false, properties: { at: DATE } },
  },
});

/** Runs of retention are listed by time; the document with the holds is read by id. */
const retentionTemplate = (): Mapping => ({
  index_patterns: [RETENTION_INDEX],
  priority: 200,
  template: {
    settings: { number_of_shards: 1, auto_expand_replicas: "0-1" },
    mappings: { dynamic: false, properties: { at: DATE } },
  },
});

/** The latest report of each relay. */
const statusTemplate = (): Mapping => ({
  index_patterns: [STATUS_INDEX],
  priority: 200,
  template: {
    settings: { number_of_shards: 1, auto_expand_replicas: "0-1" },
    mappings: { dynamic: false, properties: { reportedAt: DATE } },
  },
});

/** The bodies of the index templates by name. */
export const createIndexTemplates = (): Readonly<Record<string, Mapping>> => ({
  [LOGS_TEMPLATE]: toTemplate(LOGS_INDEX_PATTERN, logProperties(), {
    analysis: TEXT_ANALYSIS,
    alias: OBSERVABILITY_ALIAS,
  }),
  [REJECTED_TEMPLATE]: toTemplate(REJECTED_INDEX_PATTERN, rejectedProperties()),
  [ALERTS_INDEX]: alertsTemplate(),
  [USAGE_INDEX]: usageTemplate(),
  [ERROR_GROUPS_INDEX]: errorGroupsTemplate(),
  [ERASURES_INDEX]: erasuresTemplate(),
  [RETENTION_INDEX]: retentionTemplate(),
  [STATUS_INDEX]: statusTemplate(),
});
