/** `npm run reindex -- INDEX`: gives an existing index the mapping of the current templates. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connectOpenSearch } from "../../opensearch/connect.ts";
import { onStopSignal } from "../lib/on-stop-signal.ts";
import { print, printError } from "../lib/print.ts";
import { withFileLock } from "../lib/file-lock.ts";
import { findOpenSearchUrl } from "../lib/opensearch-url.ts";
import { StackError } from "../lib/stack-error.ts";
import { defaultHome, prepareHome } from "../lib/state-dir.ts";
import { reindex } from "../reindex/reindex.ts";

const HELP = `Usage: npm run reindex -- INDEX [INDEX …]

Copies each index to one with the mapping of the current templates, and replaces it. Logs are stored and found meanwhile; writes to the
index wait for the last step, usually a second. First install the templates: node opensearch/setup.ts
Ctrl-C and SIGTERM keep the index and remove the copy. If the command was killed, run it again: it repairs the index first.

OpenSearch: OPENSEARCH_URL (with OPENSEARCH_CA), or the running local stack.`;

const INTERRUPTED = 130;

const stopping = new AbortController();

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h", default: false } },
  });
  if (values.help) return print(HELP);
  if (positionals.length === 0) throw new StackError(HELP);
  const url = await findOpenSearchUrl();
  await using opensearch = connectOpenSearch(url);
  onStopSignal({
    onFirst: () => stopping.abort(new StackError("Interrupted. The index has not changed.")),
    onSecond: () => process.exit(INTERRUPTED),
  });
  const home = defaultHome();
  // On a machine without a stack it does not exist.
  await prepareHome(home);
  // A second run would take the copy of the first one for one that a killed run has left.
  await withFileLock(join(home, "reindex"), async () => {
    for (const name of positionals) await reindex(opensearch, name, { log: print, signal: stopping.signal });
  });
};

try {
  await main();
} catch (error) {
  printError(error);
  process.exitCode = stopping.signal.aborted ? INTERRUPTED : 1;
}
