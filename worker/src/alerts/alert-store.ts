/**
 * Alert rules and their states: one document per rule in a small index. Every write is conditional on the version that was
 * read, so of two concurrent writes one fails, and overlapping checks cannot notify a webhook twice.
 */
import { Buffer } from "node:buffer";
import * as z from "zod";
import { alertRuleSchema, type AlertRule } from "#contract/api/alerts.ts";
import { ALERTS_INDEX } from "#contract/store/log-document.ts";
import { ALERT_CHECK_ID, alertCheckSchema, STATUS_INDEX } from "#contract/store/status.ts";
import { MAX_ALERT_RULES } from "#contract/wire/limits.ts";
import { StoreUnavailableError, type StoreClient } from "../opensearch/client.ts";
import { parseResponse, search } from "../opensearch/search.ts";

/** A rule with the version of its document. */
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

/** All rules, oldest first. */
export const listRules = async (client: StoreClient): Promise<readonly StoredRule[]> => {
  const body = {
    size: MAX_ALERT_RULES,
    sort: [{ createdAt: { order: "asc", unmapped_type: "date" } }],
    seq_no_primary_term: true,
    query: { match_all: {} },
  };
  const { hits } = await search(client, body, listSchema, ALERTS_INDEX);
  return hits.hits.map(toStored);
};

/** The rule with this id; `undefined` if there is none. */
export const findRule = async (client: StoreClient, id: string): Promise<StoredRule | undefined> => {
  const response = await client.request("GET", `/${ALERTS_INDEX}/_doc/${encodeURIComponent(id)}`);
  return response.status === 404 ? undefined : toStored(parseResponse(response, documentSchema));
};

/** `false` if the document was changed or deleted since it was read. */
const isWritten = (status: number): boolean => {
  if (status === 200 || status === 201) return true;
  if (status === 409 || status === 404) return false;
  throw new StoreUnavailableError("writing an alert rule failed", status);
};

/** Returns `false` if the id is already in use. */
export const createRule = async (client: StoreClient, rule: AlertRule): Promise<boolean> => {
  const path = `/${ALERTS_INDEX}/_create/${encodeURIComponent(rule.id)}?refresh=true`;
  return isWritten((await client.request("PUT", path, rule)).status);
};

const versionOf = ({ seqNo, primaryTerm }: StoredRule): string =>
  `if_seq_no=${seqNo}&if_primary_term=${primaryTerm}&refresh=true`;

const replacedSchema = z.object({ _seq_no: z.int(), _primary_term: z.int() });

/** The rule with its new version; `undefined` if it was changed or deleted since `current` was read. */
export const replaceRule = async (
  client: StoreClient,
  current: StoredRule,
  rule: AlertRule,
): Promise<StoredRule | undefined> => {
  const path = `/${ALERTS_INDEX}/_doc/${encodeURIComponent(rule.id)}?${versionOf(current)}`;
  const { status, body } = await client.request("PUT", path, rule);
  if (!isWritten(status)) return undefined;
  const { _seq_no: seqNo, _primary_term: primaryTerm } = replacedSchema.parse(body);
  return { rule, seqNo, primaryTerm };
};

const bulkSchema = z.object({
  items: z.array(
    z.object({ index: z.object({ status: z.int(), _seq_no: z.int().optional(), _primary_term: z.int().optional() }) }),
  ),
});

export interface Replacement {
  readonly current: StoredRule;
  readonly rule: AlertRule;
}

/**
 * Like {@link replaceRule} for many rules, with one request and one refresh. The result of a rule that could not be written
 * for another reason is `undefined`, too. Throws if OpenSearch is too busy to write one of them; others may be written then.
 */
export const replaceRules = async (
  client: StoreClient,
  replacements: readonly Replacement[],
): Promise<readonly (StoredRule | undefined)[]> => {
  if (replacements.length === 0) return [];
  const lines = replacements.flatMap(({ current, rule }) => [
    JSON.stringify({
      index: { _index: ALERTS_INDEX, _id: rule.id, if_seq_no: current.seqNo, if_primary_term: current.primaryTerm },
    }),
    JSON.stringify(rule),
  ]);
  const body = Buffer.from(`${lines.join("\n")}\n`);
  const response = await client.postLines("/_bulk?refresh=true", body, new AbortController().signal);
  const { items } = parseResponse(response, bulkSchema);
  return replacements.map(({ rule }, i) => {
    const { status = 0, _seq_no: seqNo, _primary_term: primaryTerm } = items[i]?.index ?? {};
    if (status === 429 || status >= 500) throw new StoreUnavailableError("writing a rule failed", status);
    const isDone = status === 200 && seqNo !== undefined && primaryTerm !== undefined;
    return isDone ? { rule, seqNo, primaryTerm } : undefined;
  });
};

const CHECK_PATH = `/${STATUS_INDEX}/_doc/${ALERT_CHECK_ID}`;

const checkSchema = z.object({ _source: alertCheckSchema });

/** The end of the windows of the last check; `undefined` before the first one. */
export const fetchCountedToMs = async (client: StoreClient): Promise<number | undefined> => {
  const response = await client.request("GET", CHECK_PATH);
  return response.status === 404 ? undefined : Date.parse(parseResponse(response, checkSchema)._source.countedTo);
};

export const putCountedToMs = async (client: StoreClient, countedToMs: number): Promise<void> => {
  const document: z.output<typeof alertCheckSchema> = { countedTo: new Date(countedToMs).toISOString() };
  const { status } = await client.request("PUT", CHECK_PATH, document);
  if (status !== 200 && status !== 201)
    throw new StoreUnavailableError("writing the check of the alerts failed", status);
};

/** Returns `false` if the rule was changed or deleted since `current` was read. */
export const deleteRule = async (client: StoreClient, current: StoredRule): Promise<boolean> => {
  const path = `/${ALERTS_INDEX}/_doc/${encodeURIComponent(current.rule.id)}?${versionOf(current)}`;
  return isWritten((await client.request("DELETE", path)).status);
};
