/**
 * `npm run rejected -- list | show ID | replay [ID …]`: what could not be stored, and handing it in again once the cause
 * is mended. Of a running `npm start` it knows everything; elsewhere set OPENSEARCH_URL (and OPENSEARCH_CA where the CA is a
 * private one), EDGELOG_WORKER_URL, RELAY_TOKEN.
 *
 *   --app demo --reason too_long     only these
 *
 * What still can't be stored is left as it is. What is replayed goes in as at its first arrival, so doing it twice, or
 * being killed in between, doubles nothing.
 */
import { parseArgs } from "node:util";
import { v7 as uuidv7 } from "uuid";
import { REJECTED_INDEX_PATTERN, type RejectedDocument } from "#contract/store/log-document.ts";
import { encodeRelayFrame, RELAY_FRAME_TYPE, type RelayResponse } from "#contract/relay/relay-frame.ts";
import { LEGACY_TOPIC, logsTopic } from "#contract/wire/topics.ts";
import { connectOpenSearch, OpenSearchError, type OpenSearch } from "../../opensearch/connect.ts";
import { planDelivery } from "../../worker/src/ingest/plan-delivery.ts";
import { StackError, formatError } from "../lib/stack-error.ts";
import { ensureSecrets } from "../lib/secrets.ts";
import { readStackFile } from "../lib/stack-file.ts";
import { defaultHome } from "../lib/state-dir.ts";

interface Hit {
  readonly _id: string;
  readonly _index: string;
  readonly _source: RejectedDocument;
}

const PAGE = 1_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { app: { type: "string" }, reason: { type: "string" } },
});
const [command, ...ids] = positionals;

interface Places {
  readonly store: OpenSearch;
  readonly worker: string;
  readonly token: string;
}

const findPlaces = async (): Promise<Places> => {
  const home = defaultHome();
  const file = await readStackFile(home);
  const store = process.env["OPENSEARCH_URL"] ?? file?.opensearch;
  const worker = process.env["EDGELOG_WORKER_URL"] ?? file?.worker;
  if (store === undefined || worker === undefined) {
    throw new StackError(
      "No stack is running here. Start one, or set OPENSEARCH_URL, EDGELOG_WORKER_URL and RELAY_TOKEN.",
    );
  }
  return {
    store: connectOpenSearch(store),
    worker,
    token: process.env["RELAY_TOKEN"] ?? (await ensureSecrets(home)).relayToken,
  };
};

/** What strangers wrote, safe for a terminal: control and formatting characters as escapes. */
const toVisible = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);

const find = async (store: OpenSearch): Promise<readonly Hit[]> => {
  const filter = [
    ...(values.app === undefined ? [] : [{ term: { "edgelog.app": values.app } }]),
    ...(values.reason === undefined ? [] : [{ term: { reason: values.reason } }]),
    ...(ids.length === 0 ? [] : [{ ids: { values: ids } }]),
  ];
  const query = { size: PAGE, sort: [{ "@timestamp": "desc" }], query: { bool: { filter } } };
  const answer = await store.ask("POST", `/${REJECTED_INDEX_PATTERN}/_search`, query);
  return (answer as { hits: { hits: readonly Hit[] } }).hits.hits;
};

const list = (hits: readonly Hit[]): void => {
  for (const { _id, _source } of hits) {
    const { edgelog, reason, message } = _source;
    console.log(
      toVisible(`${_id}  ${_source["@timestamp"]}  ${edgelog.app ?? "-"}  ${reason}  ${message.slice(0, 100)}`),
    );
  }
  console.log(`${hits.length}${hits.length === PAGE ? " or more" : ""} rejected`);
};

const show = (hits: readonly Hit[]): void => {
  for (const { _source } of hits) {
    for (const line of JSON.stringify(_source, null, 2).split("\n")) console.log(toVisible(line));
  }
};

/** The stamp of the first arrival, made again from its time and the id under which it is kept. */
const toStamp = ({ _id, _source }: Hit): string =>
  uuidv7({ msecs: Date.parse(_source["@timestamp"]), random: Buffer.from(_id.replaceAll("-", ""), "hex") });

const toMessage = (hit: Hit): { id: string; topic: string; payload: Uint8Array; app: string | undefined } => {
  const { edgelog, payload } = hit._source;
  const topic =
    edgelog.topic ?? (edgelog.app === undefined ? LEGACY_TOPIC : logsTopic(edgelog.app, edgelog.client ?? "replay"));
  const bytes = payload.base64 === undefined ? Buffer.from(payload.text ?? "") : Buffer.from(payload.base64, "base64");
  return { id: toStamp(hit), topic, payload: bytes, app: edgelog.app };
};

/** Whether it would become logs today, all of it. Of the app's retention only the Worker knows; it does not matter here. */
const isAcceptedNow = (hit: Hit): boolean => {
  const { id, topic, payload, app } = toMessage(hit);
  const { events } = planDelivery({ stamp: id, transport: "mqtt", topic, payload, app }, 30);
  return events.every(({ kind }) => kind === "log");
};

const forget = async (store: OpenSearch, { _index, _id }: Hit): Promise<void> => {
  try {
    await store.ask("DELETE", `/${_index}/_doc/${_id}?refresh=true`);
  } catch (error) {
    if (!(error instanceof OpenSearchError) || error.status !== 404) throw error; // somebody else replayed it
  }
};

const replay = async (hits: readonly Hit[], { store, worker, token }: Places): Promise<void> => {
  let replayed = 0;
  for (const hit of hits.filter(isAcceptedNow)) {
    const response = await fetch(new URL("/relay", worker), {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": RELAY_FRAME_TYPE },
      body: encodeRelayFrame([toMessage(hit)]),
    });
    if (!response.ok) throw new StackError(`The Worker answers ${response.status}; ${replayed} replayed so far.`);
    const [outcome] = ((await response.json()) as RelayResponse).outcomes;
    if (outcome?.state !== "done" || outcome.receipt.rejected.length > 0) continue;
    await forget(store, hit);
    replayed += 1;
  }
  console.log(`${replayed} replayed, ${hits.length - replayed} left as they are`);
};

try {
  const places = await findPlaces();
  await using store = places.store;
  const hits = await find(store);
  if (command === "list") list(hits);
  else if (command === "show") show(hits);
  else if (command === "replay") await replay(hits, places);
  else throw new StackError("Say list, show ID or replay [ID …], with --app and --reason to choose.");
} catch (error) {
  console.error(error instanceof OpenSearchError ? error.message : formatError(error));
  process.exit(1);
}
