/**
 * `/alerts`: alert rules of a reader's apps. A token sees a rule if it may read all of the rule's apps, and may change
 * rules if its record has `canAlert`.
 */
import { openAppStore } from "../access/app-store.ts";
import { v7 as uuidv7 } from "uuid";
import {
  alertRuleInputSchema,
  type AlertRule,
  type AlertRuleInput,
  type AlertsResponse,
} from "#contract/api/alerts.ts";
import { MAX_ALERT_RULES } from "#contract/wire/limits.ts";
import type { ReaderRecord } from "../access/apps.ts";
import { authenticateReader } from "../access/credentials.ts";
import { createRule, deleteRule, findRule, listRules, replaceRule, type StoredRule } from "../alerts/alert-store.ts";
import { notify, redactAddresses, refuseAddresses } from "../alerts/channels/channels.ts";
import { toMessage } from "../alerts/channels/send-webhook.ts";
import { editRule } from "../alerts/edit-rule.ts";
import { getStoreClient, toWebhookPolicy, type Env } from "../env.ts";
import { FailureError } from "../failure.ts";
import { readJson } from "../http/read-body.ts";
import type { StoreClient } from "../opensearch/client.ts";
import { toReadScope } from "../read/scope.ts";
import { parseBySchema, toPrivateResponse } from "./parse-read-request.ts";

const MAX_RULE_BYTES = 65_536;

const isVisible = ({ apps }: AlertRule, reader: ReaderRecord): boolean =>
  apps.every((app) => reader.apps.includes(app));

/** A webhook URL is a secret; readers who cannot edit see only the host. */
const toVisibleRule = (rule: AlertRule, { canAlert }: ReaderRecord): AlertRule =>
  canAlert === true ? rule : redactAddresses(rule);

interface Editor {
  readonly reader: ReaderRecord;
  readonly client: StoreClient;
}

const authenticateEditor = async (request: Request, env: Env): Promise<Editor> => {
  const reader = await authenticateReader(request, openAppStore(env));
  if (reader.canAlert !== true) throw new FailureError({ kind: "alerts_read_only" });
  return { reader, client: getStoreClient(env) };
};

const findVisibleRule = async ({ reader, client }: Editor, id: string): Promise<StoredRule> => {
  const stored = await findRule(client, id);
  if (stored === undefined || !isVisible(stored.rule, reader)) throw new FailureError({ kind: "alert_not_found" });
  return stored;
};

/** Parses and validates a rule: its shape, apps, query and webhook URL. */
const parseRule = async (request: Request, env: Env, reader: ReaderRecord): Promise<AlertRuleInput> => {
  const input = parseBySchema(alertRuleInputSchema, await readJson(request, MAX_RULE_BYTES));
  // Called for its checks: it throws for a forbidden app and for an invalid query.
  toReadScope({ app: input.apps.join(","), q: input.q }, reader.apps, Date.now());
  const refused = refuseAddresses(input, toWebhookPolicy(env, request.url));
  if (refused !== undefined) throw new FailureError({ kind: "webhook_refused", ...refused });
  return input;
};

/** The visible rules with their states, oldest first. */
export const getAlerts = async (request: Request, env: Env): Promise<Response> => {
  const reader = await authenticateReader(request, openAppStore(env));
  const stored = await listRules(getStoreClient(env));
  const rules = stored.flatMap(({ rule }) => (isVisible(rule, reader) ? [toVisibleRule(rule, reader)] : []));
  return toPrivateResponse({ rules, canEdit: reader.canAlert === true } satisfies AlertsResponse);
};

/** Creates a rule. Fails with 403 `read_only` or 409 `too_many_rules`. */
export const postAlert = async (request: Request, env: Env): Promise<Response> => {
  const { reader, client } = await authenticateEditor(request, env);
  const input = await parseRule(request, env, reader);
  if ((await listRules(client)).length >= MAX_ALERT_RULES) {
    throw new FailureError({ kind: "too_many_alerts", limit: MAX_ALERT_RULES });
  }
  const now = new Date().toISOString();
  const rule: AlertRule = { ...input, id: uuidv7(), createdAt: now, updatedAt: now, state: { status: "no_data" } };
  if (!(await createRule(client, rule))) throw new FailureError({ kind: "alert_conflict" });
  return toPrivateResponse(rule, 201);
};

/** Replaces a rule and preserves its state. Fails with 403 `read_only`, 404 `not_found` or 409 `conflict`. */
export const putAlert = async (request: Request, env: Env, id: string): Promise<Response> => {
  const editor = await authenticateEditor(request, env);
  const stored = await findVisibleRule(editor, id);
  const input = await parseRule(request, env, editor.reader);
  const rule = editRule(stored.rule, input, new Date().toISOString());
  const replaced = await replaceRule(editor.client, stored, rule);
  if (replaced === undefined) throw new FailureError({ kind: "alert_conflict" });
  return toPrivateResponse(rule);
};

/** Deletes a rule. Fails with 403 `read_only`, 404 `not_found` or 409 `conflict`. */
export const deleteAlert = async (request: Request, env: Env, id: string): Promise<Response> => {
  const editor = await authenticateEditor(request, env);
  const isDeleted = await deleteRule(editor.client, await findVisibleRule(editor, id));
  if (!isDeleted) throw new FailureError({ kind: "alert_conflict" });
  return new Response(null, { status: 204 });
};

/** Sends a test message to the rule's webhook. A webhook that fails is a 200 with `delivered: false`. */
export const testAlert = async (request: Request, env: Env, id: string): Promise<Response> => {
  const editor = await authenticateEditor(request, env);
  const { rule } = await findVisibleRule(editor, id);
  const text = toMessage(rule, { count: rule.state.count ?? 0 }, true);
  return toPrivateResponse(await notify(rule, text, toWebhookPolicy(env, request.url)));
};
