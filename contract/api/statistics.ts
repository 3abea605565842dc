/**
 * `GET /histogram`, `/facets`, `/fields`, `/groups` and `/overview`: counts over the logs that a filter matches.
 */
import * as z from "zod";
import {
  MAX_ATTRIBUTE_KEY_LENGTH,
  MAX_FACET_FIELDS,
  MAX_FACET_VALUES,
  MAX_GROUPS,
  MAX_HISTOGRAM_BUCKETS,
} from "#contract/wire/limits.ts";
import { readFilterSchema } from "./read-filter.ts";
import { searchHitSchema } from "./search.ts";
import { SEVERITIES } from "#contract/wire/severity.ts";

const countSchema = z.int().min(0);

export const histogramParamsSchema = readFilterSchema.extend({
  buckets: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_HISTOGRAM_BUCKETS)
    .default(80)
    .meta({ description: "At the most; the interval is a round one that fits." }),
});

/** Answer of `GET /histogram`: one count a bucket and severity, empty buckets included, made for a chart. */
export const histogramResponseSchema = z.object({
  intervalMs: z.int().min(1),
  times: z.array(z.int()).meta({ description: "Starts of the buckets, milliseconds since 1970, without gaps." }),
  counts: z
    .record(z.enum(SEVERITIES), z.array(countSchema))
    .meta({ description: "For each severity as many as times." }),
  total: countSchema,
});

/** `field` may stand there more than once, or hold names with commas between them. */
export const facetsParamsSchema = readFilterSchema.extend({
  field: z
    .array(z.string().min(1).max(MAX_ATTRIBUTE_KEY_LENGTH))
    .min(1)
    .max(MAX_FACET_FIELDS)
    .meta({ description: "Names of the query language; attributes included.", example: ["level", "user.email"] }),
  size: z.coerce.number().int().min(1).max(MAX_FACET_VALUES).default(10),
  prefix: z.string().max(256).optional().meta({ description: "Only values that begin so: for completion." }),
});

/** A value, how many logs have it, and how many of these are errors (severity error and above). */
export const facetValueSchema = z.object({ value: z.string(), count: countSchema, errors: countSchema });

/** Statistics of a field of numbers. */
export const numberStatisticsSchema = z.object({
  count: countSchema,
  min: z.number(),
  max: z.number(),
  avg: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  isSampled: z
    .boolean()
    .meta({ description: "True: an attribute with very many values; `avg` and percentiles are of a sample." }),
});

export const facetSchema = z
  .object({
    field: z.string(),
    kind: z.enum(["level", "text", "keyword", "number", "date"]),
    values: z.array(facetValueSchema).meta({ description: "The most frequent first." }),
    distinct: countSchema.optional().meta({ description: "How many values there are, about; absent where unknown." }),
    other: countSchema.meta({ description: "Occurrences of values that are not listed." }),
    missing: countSchema.meta({ description: "Logs without the field." }),
    numbers: numberStatisticsSchema.optional(),
  })
  .meta({ id: "Facet" });

/** Answer of `GET /facets`, in the order of the fields asked for. */
export const facetsResponseSchema = z.object({ total: countSchema, facets: z.array(facetSchema) });

export const fieldsParamsSchema = readFilterSchema;

/** A name for completion. */
export const fieldInfoSchema = z.object({
  name: z.string(),
  kind: z.enum(["level", "text", "keyword", "number", "date"]),
  aliases: z.array(z.string()),
  isAttribute: z.boolean().meta({ description: "Found in logs, rather than known to everybody." }),
});

/** Answer of `GET /fields`: the known fields, then the attributes that newest logs have. */
export const fieldsResponseSchema = z.object({ fields: z.array(fieldInfoSchema) });

export const groupsParamsSchema = readFilterSchema.extend({
  limit: z.coerce.number().int().min(1).max(MAX_GROUPS).default(20),
  sort: z.enum(["count", "last", "users"]).default("count"),
});

/** Errors with one fingerprint. */
export const groupSchema = z.object({
  key: z.string().meta({ description: "The fingerprint: query `group:KEY`." }),
  title: z.string().meta({ description: "Exception type and message, or the message, of the newest." }),
  count: countSchema,
  firstSeen: z.iso.datetime(),
  lastSeen: z.iso.datetime(),
  users: countSchema.meta({ description: "Distinct users, about." }),
  sessions: countSchema.meta({ description: "Distinct sessions, about." }),
  versions: z.array(z.object({ value: z.string(), count: countSchema })),
  trend: z.array(countSchema).meta({ description: "Counts in equal parts of the time range, the oldest first." }),
  sample: searchHitSchema.meta({ description: "The newest." }),
});

/** Answer of `GET /groups`. */
export const groupsResponseSchema = z.object({
  groups: z.array(groupSchema),
  total: countSchema.meta({ description: "How many groups there are, about." }),
});

export const overviewParamsSchema = readFilterSchema;

/** Answer of `GET /overview`: what a first look needs, in one request. */
export const overviewResponseSchema = z.object({
  total: countSchema,
  errors: countSchema,
  users: countSchema,
  sessions: countSchema,
  facets: z.array(facetSchema).meta({
    description: "level, app, version, env, service, device, os, method, path, status, transport.",
  }),
  lagMs: z
    .object({ p50: z.number(), p99: z.number() })
    .optional()
    .meta({ description: "From the event's own time to its arrival, milliseconds." }),
  places: z
    .array(z.object({ lat: z.number(), lon: z.number(), count: countSchema, errors: countSchema }))
    .meta({ description: "Middles of map tiles that have logs, the fullest first." }),
  rejected: z.object({
    total: countSchema,
    byReason: z.array(z.object({ reason: z.string(), count: countSchema })),
  }),
  newestErrors: z.array(searchHitSchema),
});

export type HistogramResponse = z.output<typeof histogramResponseSchema>;
export type FacetValue = z.output<typeof facetValueSchema>;
export type NumberStatistics = z.output<typeof numberStatisticsSchema>;
export type Facet = z.output<typeof facetSchema>;
export type FacetsResponse = z.output<typeof facetsResponseSchema>;
export type FieldInfo = z.output<typeof fieldInfoSchema>;
export type FieldsResponse = z.output<typeof fieldsResponseSchema>;
export type Group = z.output<typeof groupSchema>;
export type GroupsResponse = z.output<typeof groupsResponseSchema>;
export type OverviewResponse = z.output<typeof overviewResponseSchema>;
