import { describe, expect, it } from "vitest";
import type * as z from "zod";
import { alertRuleInputSchema } from "#contract/api/alerts.ts";
import { exportParamsSchema } from "#contract/api/export.ts";
import { searchParamsSchema } from "#contract/api/search.ts";
import { histogramParamsSchema } from "#contract/api/statistics.ts";
import { batchHeadSchema } from "#contract/wire/batch.ts";
import { logEventSchema } from "#contract/wire/log-event.ts";
import { toViolation } from "../src/ingest/to-violation.ts";

const RULE = {
  name: "Checkout errors",
  apps: ["shop"],
  q: "",
  threshold: 10,
  windowMinutes: 5,
  webhookUrl: "https://hooks.example.org/edgelog",
};

const ID = "019ab0c0-1111-7000-8000-000000000001";

describe(toViolation, () => {
  it.each<[message: string, schema: z.ZodType, value: unknown]>([
    ["name must not be empty.", alertRuleInputSchema, { ...RULE, name: " " }],
    ["name is missing.", alertRuleInputSchema, { ...RULE, name: undefined }],
    ["name must be a string.", alertRuleInputSchema, { ...RULE, name: 7 }],
    ["apps must not be empty.", alertRuleInputSchema, { ...RULE, apps: [] }],
    [
      "apps has more than 50 entries.",
      alertRuleInputSchema,
      { ...RULE, apps: Array.from({ length: 51 }, () => "shop") },
    ],
    ["apps must be an array.", alertRuleInputSchema, { ...RULE, apps: "shop" }],
    ["apps[0] must be an app id.", alertRuleInputSchema, { ...RULE, apps: ["Shop!"] }],
    ["threshold must be at least 1.", alertRuleInputSchema, { ...RULE, threshold: 0 }],
    ["threshold must be at most 1000000000.", alertRuleInputSchema, { ...RULE, threshold: 1e12 }],
    ["threshold must be an integer.", alertRuleInputSchema, { ...RULE, threshold: 1.5 }],
    ["threshold must be a number.", alertRuleInputSchema, { ...RULE, threshold: null }],
    ["isEnabled must be true or false.", alertRuleInputSchema, { ...RULE, isEnabled: "yes" }],
    ["condition must be one of at_least, less_than.", alertRuleInputSchema, { ...RULE, condition: "more" }],
    [
      "webhookUrl must be a URL that starts with https:// or http://.",
      alertRuleInputSchema,
      { ...RULE, webhookUrl: "ftp://example.org" },
    ],
    ["silencedUntil must be an RFC 3339 date and time.", alertRuleInputSchema, { ...RULE, silencedUntil: "tomorrow" }],
    ["limit must be a number.", searchParamsSchema, { limit: "many" }],
    ["limit must be at least 1.", searchParamsSchema, { limit: "0" }],
    ["limit must be at most 1000.", searchParamsSchema, { limit: "1001" }],
    [
      "from must be a time such as 2026-11-30T06:00:00Z or now-15m, or a number since 1970.",
      searchParamsSchema,
      { from: "yesterday" },
    ],
    ["q is longer than 1024 UTF-16 code units.", searchParamsSchema, { q: "x".repeat(1_025) }],
    [
      "timeZone must be an IANA time zone, such as Europe/Berlin.",
      histogramParamsSchema,
      { timeZone: "Europe/Atlantis" },
    ],
    ["after must be TIME,ID of the last complete line.", exportParamsSchema, { after: "x" }],
    ["The event must be an object.", logEventSchema, 7],
    ["id must be a UUID.", logEventSchema, { body: "b", id: "7" }],
    ["time must be milliseconds since 1970 or an RFC 3339 date and time.", logEventSchema, { body: "b", time: true }],
    ["time must be an RFC 3339 date and time.", logEventSchema, { body: "b", time: "yesterday" }],
    ["time must be at least 0.", logEventSchema, { body: "b", time: -1 }],
    ["traceId must be 32 lower-case hexadecimal digits.", logEventSchema, { body: "b", traceId: "7" }],
    ["attributes must be an object.", logEventSchema, { body: "b", attributes: [7] }],
    ["Unknown field level. Use `severity` instead.", logEventSchema, { body: "b", level: "info" }],
    ["Unknown field cart. Put custom fields under `attributes`.", logEventSchema, { body: "b", cart: 7 }],
    ["v must be 1.", batchHeadSchema, { v: 2, id: ID, events: [{}] }],
    ["events must not be empty.", batchHeadSchema, { v: 1, events: [] }],
  ])("%s", (message, schema, value) => {
    const { error } = schema.safeParse(value);
    expect(error && toViolation(error).message).toBe(message);
  });
});
