/**
 * Alerts: a rule counts logs over a window, again and again, and tells a webhook when there are too many or too few.
 * `GET /alerts`, `POST /alerts`, `PUT|DELETE /alerts/{id}`, `POST /alerts/{id}/test`.
 */
import * as z from "zod";
import {
  MAX_ALERT_NAME_LENGTH,
  MAX_ALERT_WINDOW_MINUTES,
  MAX_QUERY_LENGTH,
  MAX_WEBHOOK_URL_LENGTH,
} from "#contract/wire/limits.ts";
import { APP_ID_PATTERN } from "#contract/wire/topics.ts";

/** What somebody writes to make or change a rule. */
export const alertRuleInputSchema = z.strictObject({
  name: z.string().trim().min(1).max(MAX_ALERT_NAME_LENGTH),
  apps: z.array(z.string().regex(APP_ID_PATTERN)).min(1).max(50).meta({ description: "Whose logs it counts." }),
  q: z.string().max(MAX_QUERY_LENGTH).meta({ example: "level:>=error checkout" }),
  condition: z.enum(["at_least", "less_than"]).default("at_least"),
  threshold: z.int().min(1).max(1_000_000_000),
  windowMinutes: z.int().min(1).max(MAX_ALERT_WINDOW_MINUTES).meta({
    description: "What is counted: the last so many minutes. Also the least time between two messages.",
  }),
  webhookUrl: z
    .url({ protocol: /^https?$/ })
    .max(MAX_WEBHOOK_URL_LENGTH)
    .meta({
      description: 'Takes a POST of `{"text": …}` as Slack\'s incoming webhooks do. https, and no private address.',
    }),
  isEnabled: z.boolean().default(true),
  silencedUntil: z.iso.datetime({ offset: true }).optional().meta({ description: "No message before this time." }),
});

/** How a rule stands. `no_data`: it has not been checked yet. */
export const alertStateSchema = z.object({
  status: z.enum(["no_data", "ok", "firing"]),
  count: z.int().optional().meta({ description: "What was counted last." }),
  checkedAt: z.iso.datetime().optional(),
  since: z.iso.datetime().optional().meta({ description: "Since when the status is what it is." }),
  notifiedAt: z.iso.datetime().optional().meta({ description: "When the webhook last took a message." }),
  lastError: z.string().optional().meta({ description: "Why the last check or message failed." }),
});

export const alertRuleSchema = alertRuleInputSchema
  .extend({
    id: z.guid(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    state: alertStateSchema,
  })
  .meta({ id: "AlertRule" });

/** Answer of `GET /alerts`: the rules whose apps the token may all read. */
export const alertsResponseSchema = z.object({
  rules: z.array(alertRuleSchema),
  canEdit: z.boolean().meta({ description: "Whether this token may make and change rules." }),
});

/** Answer of `POST /alerts/{id}/test`: what the webhook said to a message that is marked as a test. */
export const alertTestResponseSchema = z.object({
  delivered: z.boolean(),
  status: z.int().optional().meta({ description: "The webhook's HTTP status." }),
  detail: z.string(),
});

export type AlertRuleInput = z.output<typeof alertRuleInputSchema>;
export type AlertRule = z.output<typeof alertRuleSchema>;
export type AlertState = z.output<typeof alertStateSchema>;
export type AlertsResponse = z.output<typeof alertsResponseSchema>;
export type AlertTestResponse = z.output<typeof alertTestResponseSchema>;
