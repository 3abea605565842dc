/** The OpenSearch of a command: the variable `OPENSEARCH_URL`, or else that of the running local stack. */
import { StackError } from "./stack-error.ts";
import { readStackFile } from "./stack-file.ts";
import { defaultHome } from "./state-dir.ts";
import { readVariable } from "./read-variable.ts";

export const findOpenSearchUrl = async (): Promise<string> => {
  const url = readVariable("OPENSEARCH_URL") ?? (await readStackFile(defaultHome()))?.opensearch;
  if (url === undefined) throw new StackError("No stack is running. Start one, or set OPENSEARCH_URL.");
  return url;
};
