/**
 * Alert rules and their states, a document each in one small index. Every write names the version it was made from, so
 * that of two at once one loses: an overlapping check can't tell a webhook twice.
 */
import * as z from "zod";
import { alertRuleSchema, type AlertRule } from "#contract/api/alerts.ts";
import { ALERTS_INDEX } from "#contract/store/log-document.ts";
import { MAX_ALERT_RULES } from "#contract/wire/limits.ts";
import { ask, askForAnswer, searchPath, unavailable } from "../read/run-search.ts";
import type { StoreClient } from "../opensearch/client.ts";

/** A rule as it was read, with its version. */
export interface StoredRule {
  readonly rule: AlertRule;
  readonly seqNo: number;
  readonly primaryTerm: number;
}

const documentSchema = z.object({ _source: alertRuleSchema, _seq_no: z.int(), _primary_term: z.int() });
const listSchema = z.object({ hits: z.object({ hits: z.array(documentSchema) }) });

const toStored = ({ _source, _seq_no, _primary_term }: z.output<typeof documentSchema>): StoredRule => ({
  rule: _source,
  seqNo: _seq_no,
  primaryTerm: _primary_term,
});

export const listRules = async (client: StoreClient): Promise<readonly StoredRule[]> => {
  const body = {
    size: MAX_ALERT_RULES,
    sort: [{ createdAt: { order: "asc", unmapped_type: "date" } }],
    seq_no_primary_term: true,
    query: { match_all: {} },
  };
  const { hits } = await ask(client, searchPath(ALERTS_INDEX), body, listSchema);
  return hits.hits.map(toStored);
};

/** `undefined` where there is none of this id. */
export const findRule = async (client: StoreClient, id: string): Promise<StoredRule | undefined> => {
  const { status, body } = await askForAnswer(client.request("GET", `/${ALERTS_INDEX}/_doc/${encodeURIComponent(id)}`));
  if (status === 404) return undefined;
  const parsed = documentSchema.safeParse(body);
  if (!parsed.success) throw unavailable();
  return toStored(parsed.data);
};

/** Whether it was written; false where somebody else wrote or deleted it since it was read. */
const isWritten = (status: number): boolean => {
  if (status === 200 || status === 201) return true;
  if (status === 409 || status === 404) return false;
  throw unavailable();
};

export const createRule = async (client: StoreClient, rule: AlertRule): Promise<boolean> => {
  const path = `/${ALERTS_INDEX}/_create/${encodeURIComponent(rule.id)}?refresh=true`;
  return isWritten((await askForAnswer(client.request("PUT", path, rule))).status);
};

const versionOf = ({ seqNo, primaryTerm }: StoredRule): string =>
  `if_seq_no=${seqNo}&if_primary_term=${primaryTerm}&refresh=true`;

const replacedSchema = z.object({ _seq_no: z.int(), _primary_term: z.int() });

/** The rule with its new version; `undefined` where it has changed since it was read. */
export const replaceRule = async (
  client: StoreClient,
  read: StoredRule,
  rule: AlertRule,
): Promise<StoredRule | undefined> => {
  const path = `/${ALERTS_INDEX}/_doc/${encodeURIComponent(rule.id)}?${versionOf(read)}`;
  const { status, body } = await askForAnswer(client.request("PUT", path, rule));
  if (!isWritten(status)) return undefined;
  const { _seq_no: seqNo, _primary_term: primaryTerm } = replacedSchema.parse(body);
  return { rule, seqNo, primaryTerm };
};

export const deleteRule = async (client: StoreClient, read: StoredRule): Promise<boolean> => {
  const path = `/${ALERTS_INDEX}/_doc/${encodeURIComponent(read.rule.id)}?${versionOf(read)}`;
  return isWritten((await askForAnswer(client.request("DELETE", path))).status);
};
