/**
 * The index templates without which OpenSearch would create an index of logs with a mapping that it guesses from the first log: searches
 * would find nothing, and logs with other types would be refused.
 */
import * as z from "zod";
import { LOGS_TEMPLATE, REJECTED_TEMPLATE } from "#contract/store/log-document.ts";
import { StoreUnavailableError, type StoreClient } from "./client.ts";

/** `local`: from the state of the node that responds, so that it needs no cluster manager. */
const PATH = "/_index_template/edgelog-*?local=true&filter_path=index_templates.name";

const templatesSchema = z.object({ index_templates: z.array(z.object({ name: z.string() })) });
/** OpenSearch's body of a 404: without `filter_path` it would have an empty list. That of a proxy has other content. */
const noneSchema = z.strictObject({});

/**
 * Names of the missing templates. None if they cannot be read, because of a proxy or a missing right. Throws `StoreUnavailableError` if
 * OpenSearch is unavailable.
 */
export const findMissingTemplates = async (client: StoreClient): Promise<readonly string[]> => {
  const { status, body } = await client.request("GET", PATH);
  if (status === 429 || status >= 500) throw new StoreUnavailableError("no index templates", status);
  if (status === 404 && noneSchema.safeParse(body).success) return [LOGS_TEMPLATE, REJECTED_TEMPLATE];
  const parsed = templatesSchema.safeParse(body);
  if (!parsed.success) return [];
  const names = new Set(parsed.data.index_templates.map(({ name }) => name));
  return [LOGS_TEMPLATE, REJECTED_TEMPLATE].filter((name) => !names.has(name));
};
