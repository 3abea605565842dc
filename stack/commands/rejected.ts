/**
 * `npm run rejected`: lists rejected events and replays them after the cause is fixed.
 */
import { parseArgs } from "node:util";
import * as z from "zod";
import { LOGS_INDEX_PATTERN, REJECTED_INDEX_PATTERN } from "#contract/store/log-document.ts";
import { REJECT_REASONS } from "#contract/wire/reject-reason.ts";
import { truncate } from "#contract/wire/shorten.ts";
import { connectOpenSearch, type OpenSearch } from "../../opensearch/connect.ts";
import { assertNoMore, toOptions, unknownCommand } from "../lib/command-line.ts";
import { findOpenSearchUrl } from "../lib/opensearch-url.ts";
import { StackError } from "../lib/stack-error.ts";
import { ensureSecrets } from "../lib/secrets.ts";
import { readStackFile } from "../lib/stack-file.ts";
import { defaultHome } from "../lib/state-dir.ts";
import { print, printError } from "../lib/print.ts";
import { findObstacle, replayEvent, type Hit, type Receiver } from "../rejected/replay-event.ts";
import { readVariable } from "../lib/read-variable.ts";

/** A page is in memory at once. */
const PAGE_SIZE = 100;

/** Longer than the replay of a page takes. */
const SCROLL_KEEP_ALIVE = "10m";

const MAX_LISTED = 1_000;

const MAX_SHOWN_LENGTH = 160;

const HELP = `Usage: npm run rejected -- COMMAND [options]

  list              list the newest ${MAX_LISTED} rejected events: id, time, app, topic, reason and message. A line can stand for
                    several events that are over a quota or erased: it has their number.
  show ID …         print rejected events with their payloads
  replay [ID …]     send the rejected events of POST /logs and MQTT again; those that are still invalid stay rejected, and
                    so do the requests of other protocols, such as Loki's, which their senders have to send again

Exit status 1 if there is no rejected event with one of the ids.

  --app ID          only events of this app
  --reason REASON   only events with this reason, for example too_long

Uses the running local stack, or the variables OPENSEARCH_URL (OPENSEARCH_CA for a private CA) and, with replay, EDGELOG_WORKER_URL
and RELAY_TOKEN.`;

const COMMANDS = ["list", "show", "replay"];

const selectionSchema = z.object({
  app: z.string().optional(),
  reason: z.enum(REJECT_REASONS, `unknown; the reasons are ${REJECT_REASONS.join(", ")}`).optional(),
});

interface Selection extends z.output<typeof selectionSchema> {
  /** Ids. Default: all. */
  readonly ids: readonly string[];
}

const findReceiver = async (): Promise<Receiver> => {
  const home = defaultHome();
  const worker = readVariable("EDGELOG_WORKER_URL") ?? (await readStackFile(home))?.worker;
  if (worker === undefined) {
    throw new StackError("No stack is running. Start one, or set EDGELOG_WORKER_URL and RELAY_TOKEN.");
  }
  return { worker, token: readVariable("RELAY_TOKEN") ?? (await ensureSecrets(home)).relayToken };
};

interface SearchResponse {
  readonly _scroll_id?: string;
  readonly _shards: { readonly failed: number };
  readonly hits: { readonly total: { readonly value: number }; readonly hits: readonly Hit[] };
  /** Absent if there is no index. */
  readonly aggregations?: { readonly events: { readonly value: number } };
}

/** Rejected events in a document. */
const countEvents = ({ _source }: Hit): number => _source.event?.count ?? 1;

const toQuery = ({ app, reason, ids }: Selection): object => ({
  bool: {
    filter: [
      ...(app === undefined ? [] : [{ term: { "edgelog.app": app } }]),
      ...(reason === undefined ? [] : [{ term: { reason } }]),
      ...(ids.length === 0 ? [] : [{ ids: { values: ids } }]),
    ],
  },
});

/**
 * All rejected events, one page after the other, without those that are rejected meanwhile. Throws after the last page if some
 * could not be read. In the order of the index: a scroll of OpenSearch 3.5 by time leaves out documents with equal times.
 */
async function* readPages(opensearch: OpenSearch, selection: Selection): AsyncGenerator<readonly Hit[]> {
  const query = { size: PAGE_SIZE, sort: ["_doc"], track_total_hits: true, query: toQuery(selection) };
  const path = `/${REJECTED_INDEX_PATTERN}/_search?scroll=${SCROLL_KEEP_ALIVE}`;
  let page = (await opensearch.request("POST", path, query)) as SearchResponse;
  let id = page._scroll_id;
  const { total } = page.hits;
  let [read, failed] = [0, 0];
  try {
    for (;;) {
      failed = Math.max(failed, page._shards.failed);
      if (page.hits.hits.length === 0 || id === undefined) break;
      read += page.hits.hits.length;
      yield page.hits.hits;
      const next = { scroll: SCROLL_KEEP_ALIVE, scroll_id: id };
      page = (await opensearch.request("POST", "/_search/scroll", next)) as SearchResponse;
      id = page._scroll_id ?? id;
    }
  } finally {
    // It also expires on its own.
    if (id !== undefined)
      await opensearch.request("DELETE", "/_search/scroll", { scroll_id: [id] }).catch(() => undefined);
  }
  // A request that is repeated after a timeout gets the page after the one that was lost.
  if (failed > 0 || read < total.value) {
    throw new StackError("Some rejected events could not be read from OpenSearch: repeat the command.");
  }
}

/** Throws if no app with this id has sent anything: it is probably misspelled, and "0 rejected" would look like good news. */
const assertAppKnown = async (opensearch: OpenSearch, app: string): Promise<void> => {
  const { hits } = (await opensearch.request("POST", `/${LOGS_INDEX_PATTERN},${REJECTED_INDEX_PATTERN}/_search`, {
    size: 0,
    track_total_hits: 1,
    query: { term: { "edgelog.app": app } },
  })) as SearchResponse;
  if (hits.total.value === 0) throw new StackError(`No app ${app} has sent events: see \`npm run app -- list\`.`);
};

const list = async (opensearch: OpenSearch, selection: Selection): Promise<void> => {
  const { hits, aggregations } = (await opensearch.request("POST", `/${REJECTED_INDEX_PATTERN}/_search`, {
    size: MAX_LISTED,
    sort: [{ "@timestamp": "desc" }],
    track_total_hits: true,
    _source: { excludes: ["payload"] },
    query: toQuery(selection),
    aggs: { events: { sum: { field: "event.count", missing: 1 } } },
  })) as SearchResponse;
  for (const hit of hits.hits) {
    const { _id, _source } = hit;
    const { edgelog, reason, message } = _source;
    const count = countEvents(hit);
    const line = message.replaceAll(/\s/g, " ");
    const summary = line.length > MAX_SHOWN_LENGTH ? `${truncate(line, MAX_SHOWN_LENGTH)}…` : line;
    const sender = `${edgelog.app ?? "-"}  ${edgelog.topic ?? "-"}`;
    const events = count === 1 ? "" : ` (${count} events)`;
    print(`${_id}  ${_source["@timestamp"]}  ${sender}  ${reason}${events}  ${summary}`);
  }
  const [listed, total] = [hits.hits.length, hits.total.value];
  print(`${aggregations?.events.value ?? 0} rejected${listed < total ? `; the newest ${listed} are listed` : ""}`);
};

/** Throws if one of the ids was not found. */
const checkFound = (ids: readonly string[], found: ReadonlySet<string>): void => {
  const missing = ids.filter((id) => !found.has(id));
  if (missing.length > 0) throw new StackError(`Not found: ${missing.join(", ")}`);
};

const show = async (opensearch: OpenSearch, selection: Selection): Promise<void> => {
  if (selection.ids.length === 0) throw new StackError("Missing id; see `npm run rejected -- list`.");
  const found = new Set<string>();
  for await (const hits of readPages(opensearch, selection)) {
    for (const { _id, _source } of hits) {
      found.add(_id);
      for (const line of JSON.stringify(_source, null, 2).split("\n")) print(line);
    }
  }
  checkFound(selection.ids, found);
};

const replay = async (opensearch: OpenSearch, selection: Selection): Promise<void> => {
  const receiver = await findReceiver();
  const found = new Set<string>();
  let [replayed, rejected] = [0, 0];
  const left = new Map<string, number>();
  try {
    for await (const hits of readPages(opensearch, selection)) {
      for (const hit of hits) {
        if (selection.ids.length > 0) found.add(hit._id);
        const obstacle = findObstacle(hit);
        if (obstacle !== undefined) left.set(obstacle, (left.get(obstacle) ?? 0) + countEvents(hit));
        else if (await replayEvent(opensearch, hit, receiver)) replayed += 1;
        else rejected += 1;
      }
    }
  } finally {
    print(`${replayed} replayed, ${rejected} still rejected`);
    for (const [obstacle, count] of left) print(`${count} cannot be replayed: ${obstacle}`);
  }
  checkFound(selection.ids, found);
};

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      app: { type: "string" },
      reason: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command = "", ...ids] = positionals;
  if (values.help) return print(HELP);
  if (!COMMANDS.includes(command)) throw unknownCommand(command, HELP);
  if (command === "list") assertNoMore(positionals, 1);
  await using opensearch = connectOpenSearch(await findOpenSearchUrl());
  const selection = { ...toOptions(selectionSchema, values), ids };
  if (selection.app !== undefined) await assertAppKnown(opensearch, selection.app);
  if (command === "list") await list(opensearch, selection);
  else if (command === "show") await show(opensearch, selection);
  else await replay(opensearch, selection);
};

try {
  await main();
} catch (error) {
  printError(error);
  process.exit(1);
}
