/** Counts and deletes the logs in OpenSearch. */
import type { Stack } from "../../stack/stack.ts";
import { queryOpenSearch } from "../../tests/support/query-opensearch.ts";

type Store = Pick<Stack, "file">;

/** Makes all stored logs searchable. */
export const refreshLogs = async ({ file }: Store): Promise<void> => {
  await queryOpenSearch(file.opensearch, "/logs-*/_refresh");
};

export const countLogs = async (stack: Store): Promise<number> => {
  await refreshLogs(stack);
  return (await queryOpenSearch<{ count: number }>(stack.file.opensearch, "/logs-*/_count")).count;
};

/** Deletes all logs, so that the next row starts with an empty store. */
export const deleteLogs = async ({ file }: Store): Promise<void> => {
  const indices = await queryOpenSearch<readonly { index: string }[]>(
    file.opensearch,
    "/_cat/indices/logs-*,rejected-*?format=json&h=index",
    undefined,
    "GET",
  );
  for (const { index } of indices) await queryOpenSearch(file.opensearch, `/${index}`, undefined, "DELETE");
};
