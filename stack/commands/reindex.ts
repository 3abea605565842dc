/** `npm run reindex -- INDEX`: gives an existing index the mapping of the current templates. */
import { parseArgs } from "node:util";
import { connectOpenSearch } from "../../opensearch/connect.ts";
import { print, printError } from "../lib/print.ts";
import { StackError } from "../lib/stack-error.ts";
import { readStackFile } from "../lib/stack-file.ts";
import { defaultHome } from "../lib/state-dir.ts";
import { reindex } from "../reindex/reindex.ts";

const HELP = `Usage: npm run reindex -- INDEX [INDEX …]

Copies each index to one with the mapping of the current templates, and replaces it. Logs are stored and found meanwhile; writes to the
index wait for the last step, usually a second. First install the templates: node opensearch/setup.ts

OpenSearch: OPENSEARCH_URL (with OPENSEARCH_CA), or the running local stack.`;

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h", default: false } },
  });
  if (values.help) return print(HELP);
  if (positionals.length === 0) throw new StackError(HELP);
  const url = process.env["OPENSEARCH_URL"] ?? (await readStackFile(defaultHome()))?.opensearch;
  if (url === undefined) throw new StackError("No stack is running. Start one, or set OPENSEARCH_URL.");
  await using opensearch = connectOpenSearch(url);
  for (const name of positionals) await reindex(opensearch, name, print);
};

try {
  await main();
} catch (error) {
  printError(error);
  process.exitCode = 1;
}
