/** Whether an app has sent anything: a hold of a mistyped app would keep nothing. */
import * as z from "zod";
import { LOGS_INDEX_PATTERN, REJECTED_INDEX_PATTERN } from "#contract/store/log-document.ts";
import type { OpenSearch } from "../../opensearch/connect.ts";
import { term } from "../../worker/src/query/clauses.ts";

const INDICES = `${LOGS_INDEX_PATTERN},${REJECTED_INDEX_PATTERN}`;

const countSchema = z.object({ count: z.int(), _shards: z.object({ failed: z.int() }) });

/** Whether OpenSearch has logs or rejected events of the app, or some shards cannot be read. */
export const hasDocuments = async (opensearch: OpenSearch, app: string): Promise<boolean> => {
  const find = async (): Promise<boolean> => {
    const path = `/${INDICES}/_count?ignore_unavailable=true`;
    const { count, _shards: shards } = countSchema.parse(
      await opensearch.request("POST", path, { query: term("edgelog.app", app) }),
    );
    return count > 0 || shards.failed > 0;
  };
  if (await find()) return true;
  // The first events of an app, which are not visible to a search yet.
  await opensearch.request("POST", `/${INDICES}/_refresh?ignore_unavailable=true`);
  return await find();
};
