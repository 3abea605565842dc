/**
 * Alerts. A rule counts the logs of a time window at regular intervals, and notifies a webhook when the count is too high
 * or too low. Routes: `GET /alerts`, `POST /alerts`, `PUT|DELETE /alerts/{id}`, `POST /alerts/{id}/test`.
 */
import * as z from "zod";
import {
  MAX_ALERT_NAME_LENGTH,
  MAX_ALERT_WINDOW_MINUTES,
  MAX_QUERY_LENGTH,
  MAX_WEBHOOK_URL_LENGTH,
} from "#contract/wire/limits.ts";
import { APP_ID_PATTERN } from "#contract/wire/topics.ts";

/** The name is part of notifications: a line feed would add lines to them. */
const ONE_LINE = /^[^\p{Cc}\u2028\u2029]*$/u;

/**
 * Body of a request that creates or changes a rule.
 *
 * @example
 * ```json
 * { "name": "Checkout errors", "apps": ["shop"], "q": "level:>=error checkout", "threshold": 10,
 *   "windowMinutes": 5, "webhookUrl": "https://hooks.example.org/edgelog" }
 * ```
 */
export const alertRuleInputSchema = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(MAX_ALERT_NAME_LENGTH)
    .regex(ONE_LINE, { error: "must be one line without control characters" }),
  apps: z
    .array(z.string().regex(APP_ID_PATTERN, { error: "must be an app id" }))
    .min(1)
    .max(50)
    .meta({ description: "Ids of the apps whose logs the rule counts." }),
  q: z.string().max(MAX_QUERY_LENGTH).meta({
    description: "Query that selects the logs, see QUERY.md. Empty: all logs of the apps.",
    example: "level:>=error checkout",
  }),
  condition: z
    .enum(["at_least", "less_than"])
    .default("at_least")
    .meta({ description: "How the count is compared with the threshold." }),
  threshold: z.int().min(1).max(1_000_000_000).meta({ description: "Number of logs." }),
  windowMinutes: z.int().min(1).max(MAX_ALERT_WINDOW_MINUTES).meta({
    description:
      "Length of the window in minutes. It ends 10 seconds before each check, so that logs in transit are counted. Logs are counted by their own time: those that arrive later than that, such as logs of a phone that was offline, do not fire a rule. Also the minimum time between two notifications.",
  }),
  webhookUrl: z
    .url({ protocol: /^https?$/ })
    .max(MAX_WEBHOOK_URL_LENGTH)
    .meta({
      description:
        'URL that receives a POST with `{"text": …}`, the format of Slack\'s incoming webhooks. Must be https and no private address.',
    }),
  isEnabled: z.boolean().default(true),
  silencedUntil: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: "No notifications before this time (RFC 3339)." }),
});

/** State of a rule. `no_data`: the rule has not been checked yet. */
export const alertStateSchema = z.object({
  status: z.enum(["no_data", "ok", "firing"]),
  count: z.int().optional().meta({ description: "Count at the last check." }),
  checkedAt: z.iso.datetime().optional().meta({ description: "Time of the last check." }),
  since: z.iso.datetime().optional().meta({ description: "Time at which `status` last changed." }),
  notifiedAt: z.iso
    .datetime()
    .optional()
    .meta({ description: "Time of the last notification that the webhook accepted." }),
  lastError: z
    .string()
    .optional()
    .meta({ description: "Why the last check or notification failed. Absent: it succeeded." }),
  pending: z
    .object({
      count: z.int(),
      at: z.iso.datetime(),
      claimedAt: z.iso
        .datetime()
        .optional()
        .meta({ description: "Time at which a check started to send it. Expires after 50 seconds." }),
    })
    .optional()
    .meta({
      description:
        "A notification that the webhook has not accepted: the count, and the end of its window. Sent again at each check, for a day.",
    }),
  missed: z.object({ from: z.iso.datetime(), to: z.iso.datetime().optional() }).optional().meta({
    description:
      "Time in which the logs could not be counted. Its windows are checked afterwards. Without `to`: they still cannot be counted.",
  }),
});

export const alertRuleSchema = alertRuleInputSchema
  .extend({
    // Stored rules may be older than a check of their name.
    name: z.string(),
    id: z.guid(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    state: alertStateSchema,
  })
  .meta({ id: "AlertRule" });

/** Response of `GET /alerts`: the rules for which the token may read all apps. */
export const alertsResponseSchema = z.object({
  rules: z.array(alertRuleSchema),
  canEdit: z.boolean().meta({ description: "Whether this token may create and change rules." }),
});

/** Response of `POST /alerts/{id}/test`: the result of sending a test notification. */
export const alertTestResponseSchema = z.object({
  delivered: z.boolean().meta({ description: "Whether the webhook accepted the test notification." }),
  status: z.int().optional().meta({ description: "The webhook's HTTP status." }),
  detail: z.string().meta({ description: "Result of the test notification, in one sentence." }),
});

export type AlertRuleInput = z.output<typeof alertRuleInputSchema>;
export type AlertRule = z.output<typeof alertRuleSchema>;
export type AlertState = z.output<typeof alertStateSchema>;
export type AlertsResponse = z.output<typeof alertsResponseSchema>;
export type AlertTestResponse = z.output<typeof alertTestResponseSchema>;
