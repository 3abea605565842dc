/**
 * `/alerts`: rules of a reader's apps. A token sees a rule when it may read all of the rule's apps; it makes and changes
 * rules when its record says `canAlert`.
 */
import { v7 as uuidv7 } from "uuid";
import {
  alertRuleInputSchema,
  type AlertRule,
  type AlertRuleInput,
  type AlertsResponse,
} from "#contract/api/alerts.ts";
import { MAX_ALERT_RULES } from "#contract/wire/limits.ts";
import { sendWebhook, toMessage } from "../alerts/channels/send-webhook.ts";
import { refuseWebhook } from "../alerts/channels/webhook-url.ts";
import type { ReaderRecord } from "../access/apps.ts";
import { authenticateReader } from "../access/credentials.ts";
import type { Env } from "../env.ts";
import { isPrivateWebhookAllowed } from "../env.ts";
import { createRule, deleteRule, findRule, listRules, replaceRule, type StoredRule } from "../alerts/alert-store.ts";
import { createStoreClient, type StoreClient } from "../opensearch/client.ts";
import { ProblemError } from "../http/problem.ts";
import { readBody } from "../http/read-body.ts";
import { toReadScope } from "../read/scope.ts";
import { answerJson, parseBySchema } from "./read-request.ts";

const MAX_RULE_BYTES = 65_536;

const isVisible = ({ apps }: AlertRule, reader: ReaderRecord): boolean =>
  apps.every((app) => reader.apps.includes(app));

/** The address of a webhook is as good as a password: who may not change it sees its host. */
const toShown = (rule: AlertRule, { canAlert }: ReaderRecord): AlertRule =>
  canAlert === true ? rule : { ...rule, webhookUrl: `${new URL(rule.webhookUrl).origin}/…` };

const notFound = (): ProblemError =>
  new ProblemError({ status: 404, reason: "not_found", detail: "There is no such alert.", field: "id" });

const changed = (): ProblemError =>
  new ProblemError({
    status: 409,
    reason: "conflict",
    detail: "The alert was changed meanwhile: read it, and send it again.",
  });

interface Editor {
  readonly reader: ReaderRecord;
  readonly client: StoreClient;
}

const toEditor = async (request: Request, env: Env): Promise<Editor> => {
  const reader = await authenticateReader(request, env.APPS);
  if (reader.canAlert !== true) {
    throw new ProblemError({
      status: 403,
      reason: "read_only",
      detail: "This token may read alerts, not change them.",
    });
  }
  return { reader, client: createStoreClient(env.OPENSEARCH_URL) };
};

const findVisible = async ({ reader, client }: Editor, id: string): Promise<StoredRule> => {
  const stored = await findRule(client, id);
  if (stored === undefined || !isVisible(stored.rule, reader)) throw notFound();
  return stored;
};

const parseJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new ProblemError({ status: 400, reason: "invalid_json", detail: "The body is not valid JSON." });
  }
};

/** Checks all that a rule can be wrong in: shape, apps, query, webhook. */
const readInput = async (request: Request, env: Env, reader: ReaderRecord): Promise<AlertRuleInput> => {
  const input = parseBySchema(alertRuleInputSchema, parseJson(await readBody(request, MAX_RULE_BYTES)));
  toReadScope({ app: input.apps.join(","), q: input.q }, reader.apps, Date.now());
  const refusal = refuseWebhook(input.webhookUrl, isPrivateWebhookAllowed(env));
  if (refusal !== undefined) {
    throw new ProblemError({ status: 400, reason: "invalid_field", detail: refusal, field: "webhookUrl" });
  }
  return input;
};

export const getAlerts = async (request: Request, env: Env): Promise<Response> => {
  const reader = await authenticateReader(request, env.APPS);
  const stored = await listRules(createStoreClient(env.OPENSEARCH_URL));
  const rules = stored.flatMap(({ rule }) => (isVisible(rule, reader) ? [toShown(rule, reader)] : []));
  return answerJson({ rules, canEdit: reader.canAlert === true } satisfies AlertsResponse);
};

export const postAlert = async (request: Request, env: Env): Promise<Response> => {
  const { reader, client } = await toEditor(request, env);
  const input = await readInput(request, env, reader);
  if ((await listRules(client)).length >= MAX_ALERT_RULES) {
    throw new ProblemError({
      status: 409,
      reason: "too_many_rules",
      detail: `There are ${MAX_ALERT_RULES} alerts already; delete one.`,
      limit: MAX_ALERT_RULES,
    });
  }
  const now = new Date().toISOString();
  const rule: AlertRule = { ...input, id: uuidv7(), createdAt: now, updatedAt: now, state: { status: "no_data" } };
  if (!(await createRule(client, rule))) throw changed();
  return Response.json(rule, { status: 201, headers: { "Cache-Control": "no-store" } });
};

export const putAlert = async (request: Request, env: Env, id: string): Promise<Response> => {
  const editor = await toEditor(request, env);
  const stored = await findVisible(editor, id);
  const input = await readInput(request, env, editor.reader);
  const { createdAt, state } = stored.rule;
  const rule: AlertRule = { ...input, id: stored.rule.id, createdAt, updatedAt: new Date().toISOString(), state };
  if ((await replaceRule(editor.client, stored, rule)) === undefined) throw changed();
  return answerJson(rule);
};

export const removeAlert = async (request: Request, env: Env, id: string): Promise<Response> => {
  const editor = await toEditor(request, env);
  if (!(await deleteRule(editor.client, await findVisible(editor, id)))) throw changed();
  return new Response(null, { status: 204 });
};

export const testAlert = async (request: Request, env: Env, id: string): Promise<Response> => {
  const editor = await toEditor(request, env);
  const { rule } = await findVisible(editor, id);
  const text = toMessage(rule, rule.state.count ?? 0, true);
  return answerJson(await sendWebhook(rule.webhookUrl, text, isPrivateWebhookAllowed(env)));
};
