/**
 * `npm run rejected`: lists rejected events and replays them after the cause is fixed. Replayed events keep their original stamp, so
 * replaying twice, or after an interruption, stores no duplicates.
 */
import { parseArgs } from "node:util";
import { v7 as uuidv7 } from "uuid";
import { REJECTED_INDEX_PATTERN, type RejectedDocument } from "#contract/store/log-document.ts";
import { encodeRelayFrame, RELAY_FRAME_TYPE, type RelayResponse } from "#contract/relay/relay-frame.ts";
import { truncate } from "#contract/wire/shorten.ts";
import { LEGACY_TOPIC, logsTopic } from "#contract/wire/topics.ts";
import { connectOpenSearch, OpenSearchError, type OpenSearch } from "../../opensearch/connect.ts";
import { planDelivery } from "../../worker/src/ingest/plan-delivery.ts";
import { unknownCommand } from "../lib/command-line.ts";
import { findOpenSearchUrl } from "../lib/opensearch-url.ts";
import { StackError } from "../lib/stack-error.ts";
import { ensureSecrets } from "../lib/secrets.ts";
import { readStackFile } from "../lib/stack-file.ts";
import { defaultHome } from "../lib/state-dir.ts";
import { print, printError } from "../lib/print.ts";

interface Hit {
  readonly _id: string;
  readonly _index: string;
  readonly _source: RejectedDocument;
}

const MAX_HITS = 1_000;

const MAX_SHOWN_LENGTH = 160;

const HELP = `Usage: npm run rejected -- COMMAND [options]

  list              list rejected events: id, time, app, topic, reason and message
  show ID           print a rejected event with its payload
  replay [ID …]     send rejected events again; those that are still invalid stay rejected

  --app ID          only events of this app
  --reason REASON   only events with this reason, for example too_long

Uses the running local stack, or the variables OPENSEARCH_URL (OPENSEARCH_CA for a private CA) and, with replay, EDGELOG_WORKER_URL
and RELAY_TOKEN.`;

const COMMANDS = ["list", "show", "replay"];

interface Selection {
  readonly app?: string | undefined;
  readonly reason?: string | undefined;
  /** Ids. Default: all. */
  readonly ids: readonly string[];
}

/** The Worker that stores replayed events, and the relay's token. */
interface Receiver {
  readonly worker: string;
  readonly token: string;
}

const findReceiver = async (): Promise<Receiver> => {
  const home = defaultHome();
  const worker = process.env["EDGELOG_WORKER_URL"] ?? (await readStackFile(home))?.worker;
  if (worker === undefined) {
    throw new StackError("No stack is running. Start one, or set EDGELOG_WORKER_URL and RELAY_TOKEN.");
  }
  return { worker, token: process.env["RELAY_TOKEN"] ?? (await ensureSecrets(home)).relayToken };
};

const search = async (opensearch: OpenSearch, { app, reason, ids }: Selection): Promise<readonly Hit[]> => {
  const filter = [
    ...(app === undefined ? [] : [{ term: { "edgelog.app": app } }]),
    ...(reason === undefined ? [] : [{ term: { reason } }]),
    ...(ids.length === 0 ? [] : [{ ids: { values: ids } }]),
  ];
  const query = { size: MAX_HITS, sort: [{ "@timestamp": "desc" }], query: { bool: { filter } } };
  const response = await opensearch.request("POST", `/${REJECTED_INDEX_PATTERN}/_search`, query);
  return (response as { hits: { hits: readonly Hit[] } }).hits.hits;
};

const list = (hits: readonly Hit[]): void => {
  for (const { _id, _source } of hits) {
    const { edgelog, reason, message } = _source;
    const line = message.replaceAll(/\s/g, " ");
    const summary = line.length > MAX_SHOWN_LENGTH ? `${truncate(line, MAX_SHOWN_LENGTH)}…` : line;
    const sender = `${edgelog.app ?? "-"}  ${edgelog.topic ?? "-"}`;
    print(`${_id}  ${_source["@timestamp"]}  ${sender}  ${reason}  ${summary}`);
  }
  print(`${hits.length}${hits.length === MAX_HITS ? " or more" : ""} rejected`);
};

const show = (hits: readonly Hit[]): void => {
  for (const { _source } of hits) {
    for (const line of JSON.stringify(_source, null, 2).split("\n")) print(line);
  }
};

/** Rebuilds the original stamp from the time of arrival and the document id. */
const toStamp = ({ _id, _source }: Hit): string =>
  uuidv7({ msecs: Date.parse(_source["@timestamp"]), random: Buffer.from(_id.replaceAll("-", ""), "hex") });

const toMessage = (hit: Hit): { id: string; topic: string; payload: Uint8Array; app: string | undefined } => {
  const { edgelog, payload } = hit._source;
  const topic =
    edgelog.topic ?? (edgelog.app === undefined ? LEGACY_TOPIC : logsTopic(edgelog.app, edgelog.client ?? "replay"));
  const bytes = payload.base64 === undefined ? Buffer.from(payload.text ?? "") : Buffer.from(payload.base64, "base64");
  return { id: toStamp(hit), topic, payload: bytes, app: edgelog.app };
};

/** Whether all events of the payload would be accepted now. The retention does not affect the result. */
const isAcceptedNow = (hit: Hit): boolean => {
  const { id, topic, payload, app } = toMessage(hit);
  const { events } = planDelivery({ stamp: id, transport: "mqtt", topic, payload, app }, 30);
  return events.every(({ kind }) => kind === "log");
};

const remove = async (opensearch: OpenSearch, { _index, _id }: Hit): Promise<void> => {
  try {
    await opensearch.request("DELETE", `/${_index}/_doc/${_id}?refresh=true`);
  } catch (error) {
    if (!(error instanceof OpenSearchError) || error.status !== 404) throw error; // already replayed by another run
  }
};

const replay = async (opensearch: OpenSearch, hits: readonly Hit[]): Promise<void> => {
  const { worker, token } = await findReceiver();
  let replayed = 0;
  for (const hit of hits.filter(isAcceptedNow)) {
    const response = await fetch(new URL("/relay", worker), {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": RELAY_FRAME_TYPE },
      body: encodeRelayFrame({ messages: [toMessage(hit)] }),
    });
    if (!response.ok)
      throw new StackError(`The Worker responded with ${response.status} after ${replayed} replayed events.`);
    const [outcome] = ((await response.json()) as RelayResponse).outcomes;
    if (outcome?.state !== "done" || outcome.receipt.rejected.length > 0) continue;
    await remove(opensearch, hit);
    replayed += 1;
  }
  print(`${replayed} replayed, ${hits.length - replayed} still rejected`);
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
  await using opensearch = connectOpenSearch(await findOpenSearchUrl());
  const hits = await search(opensearch, { ...values, ids });
  if (command === "list") list(hits);
  else if (command === "show") show(hits);
  else await replay(opensearch, hits);
};

try {
  await main();
} catch (error) {
  printError(error);
  process.exit(1);
}
