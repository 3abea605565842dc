/**
 * Parameters and responses of `GET /histogram`, `/facets`, `/fields`, `/groups` and `/overview`: counts over the logs that
 * match a filter. Counts marked as approximate have an error of a few percent in large results.
 */
import * as z from "zod";
import {
  MAX_ATTRIBUTE_KEY_LENGTH,
  MAX_FACET_FIELDS,
  MAX_FACET_VALUES,
  MAX_GROUPS,
  MAX_HISTOGRAM_BUCKETS,
} from "#contract/wire/limits.ts";
import { FIELD_KINDS } from "#contract/query/fields.ts";
import { OVERVIEW_FACETS } from "./facets.ts";
import { mayBeIncomplete } from "./incomplete.ts";
import { readFilterSchema } from "./read-filter.ts";
import { searchHitSchema } from "./search.ts";
import { SEVERITIES } from "#contract/wire/severity.ts";

const countSchema = z.int().min(0);

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
};

export const histogramParamsSchema = readFilterSchema.extend({
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, { error: "must be an IANA time zone, such as Europe/Berlin" })
    .default("UTC")
    .meta({
      description:
        "IANA time zone. Buckets of half an hour or longer start at its round times, and buckets of days at its midnight.",
      example: "Europe/Berlin",
    }),
  buckets: z.coerce.number().int().min(1).max(MAX_HISTOGRAM_BUCKETS).default(80).meta({
    description: "Maximum number of buckets. The interval is the smallest round interval that needs no more buckets.",
  }),
});

/** Response of `GET /histogram`: one count for each bucket and severity. Empty buckets are included. */
export const histogramResponseSchema = z.object({
  intervalMs: z.int().min(1).meta({
    description:
      "Usual length of a bucket in milliseconds. Buckets of more than an hour, up to a day, may be an hour longer or shorter where the clock changes, and intervals of 30 and 365 days are calendar months and years. Weeks start on Monday.",
  }),
  times: z
    .array(z.int())
    .meta({ description: "Start of each bucket, in milliseconds since 1970, in ascending order, without gaps." }),
  counts: z
    .record(z.enum(SEVERITIES), z.array(countSchema))
    .meta({ description: "For each severity, one count for each element of `times`." }),
  total: countSchema,
  ...mayBeIncomplete,
});

/** Parameters of `GET /facets`. `field` may be repeated, and each may contain several names, see list-param.ts. */
export const facetsParamsSchema = readFilterSchema.extend({
  field: z
    .array(z.string().min(1).max(MAX_ATTRIBUTE_KEY_LENGTH))
    .min(1)
    .max(MAX_FACET_FIELDS)
    .meta({
      description:
        "Names of fields in the query language, or of attributes: repeated, or separated by commas. A comma in a name is written as `\\,`, and a backslash before a comma or backslash as `\\\\`.",
      example: ["level", "user.email"],
    }),
  size: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_FACET_VALUES)
    .default(10)
    .meta({ description: "Maximum number of values for each field." }),
  prefix: z
    .string()
    .max(256)
    .optional()
    .meta({ description: "Only values that start with this text. For completion." }),
});

/** A value, the number of logs with it, and the number of these logs with severity `error` or above. */
export const facetValueSchema = z.object({ value: z.string(), count: countSchema, errors: countSchema });

/** Statistics of a numeric field. */
export const numberStatisticsSchema = z.object({
  count: countSchema,
  min: z.number(),
  max: z.number(),
  avg: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  isSampled: z.boolean().meta({
    description:
      "Whether `avg` and the percentiles are computed from a random sample, as for attributes with more than 1,000 distinct values.",
  }),
});

export const facetSchema = z
  .object({
    field: z.string(),
    kind: z.enum(FIELD_KINDS),
    values: z.array(facetValueSchema).meta({ description: "The most frequent values, in descending order of count." }),
    distinct: countSchema
      .optional()
      .meta({ description: "Approximate number of distinct values. Absent for attributes." }),
    other: countSchema.meta({ description: "Number of occurrences of the values that are not listed." }),
    missing: countSchema.meta({ description: "Number of logs without the field." }),
    numbers: numberStatisticsSchema.optional(),
  })
  .meta({ id: "Facet" });

/** Response of `GET /facets`, in the order of the requested fields. */
export const facetsResponseSchema = z.object({
  total: countSchema,
  facets: z.array(facetSchema),
  ...mayBeIncomplete,
});

export const fieldsParamsSchema = readFilterSchema;

/** A field or attribute, for completion in the search box. */
export const fieldInfoSchema = z.object({
  name: z.string(),
  kind: z.enum(FIELD_KINDS),
  aliases: z.array(z.string()),
  isAttribute: z
    .boolean()
    .meta({ description: "Whether the name is that of an attribute in recent logs, and not of a known field." }),
});

/** Response of `GET /fields`: the known fields, then the attributes of the newest logs that match. */
export const fieldsResponseSchema = z.object({ fields: z.array(fieldInfoSchema), ...mayBeIncomplete });

export const groupsParamsSchema = readFilterSchema.extend({
  limit: z.coerce.number().int().min(1).max(MAX_GROUPS).default(20),
  sort: z.enum(["count", "last", "users"]).default("count"),
});

/** The errors with one fingerprint. */
export const groupSchema = z.object({
  key: z.string().meta({ description: "The fingerprint. The query `group:KEY` finds its logs." }),
  title: z
    .string()
    .meta({ description: "Exception type and message of the newest error, or its message if it has no exception." }),
  count: countSchema,
  firstSeen: z.iso.datetime().meta({
    description: "Time of the first such error ever, even if its log has expired or does not match the filter.",
  }),
  firstVersion: z.string().exactOptional().meta({
    description: "The version in which the error was first seen, ever. Absent if no log of the error has a version.",
  }),
  firstInRange: z.iso.datetime().meta({ description: "Time of the first such error that matches the filter." }),
  lastSeen: z.iso.datetime().meta({ description: "Time of the last such error that matches the filter." }),
  versionsEver: z.array(z.object({ version: z.string(), firstSeen: z.iso.datetime() })).meta({
    description:
      "The versions in which the error was seen, with the time of the first one, oldest first: the first 20 and the newest 20. Versions of more than 128 characters are left out.",
  }),
  users: countSchema.meta({ description: "Approximate number of distinct users." }),
  sessions: countSchema.meta({ description: "Approximate number of distinct sessions." }),
  versions: z.array(z.object({ value: z.string(), count: countSchema })),
  trend: z
    .array(countSchema)
    .meta({ description: "Counts for equal intervals of the time range, in ascending order of time." }),
  sample: searchHitSchema.meta({ description: "The newest error." }),
});

/** Response of `GET /groups`. */
export const groupsResponseSchema = z.object({
  groups: z.array(groupSchema),
  total: countSchema.meta({ description: "Approximate number of groups." }),
  ...mayBeIncomplete,
});

export const overviewParamsSchema = readFilterSchema;

/** Response of `GET /overview`: the data of the overview page in one request. */
export const overviewResponseSchema = z.object({
  total: countSchema,
  errors: countSchema,
  users: countSchema,
  sessions: countSchema,
  facets: z.array(facetSchema).meta({
    description: `The most frequent values of ${OVERVIEW_FACETS.join(", ")}.`,
  }),
  lagMs: z
    .object({ p50: z.number(), p99: z.number() })
    .optional()
    .meta({ description: "Time from the event to its arrival, in milliseconds." }),
  places: z
    .array(z.object({ lat: z.number(), lon: z.number(), count: countSchema, errors: countSchema }))
    .meta({ description: "Centers of map tiles with logs, in descending order of count." }),
  rejected: z.object({
    total: countSchema,
    byReason: z.array(z.object({ reason: z.string(), count: countSchema })),
  }),
  newestErrors: z.array(searchHitSchema),
  ...mayBeIncomplete,
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
