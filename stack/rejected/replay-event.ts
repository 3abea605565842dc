/**
 * Sends a rejected event to the Worker again, with its original stamp, so that replaying twice, or after an interruption, stores no duplicates.
 */
import { v7 as uuidv7 } from "uuid";
import { encodeRelayFrame, RELAY_FRAME_TYPE, type RelayResponse } from "#contract/relay/relay-frame.ts";
import type { RejectedDocument } from "#contract/store/log-document.ts";
import type { RejectReason } from "#contract/wire/reject-reason.ts";
import { LEGACY_TOPIC, logsTopic } from "#contract/wire/topics.ts";
import { OpenSearchError, type OpenSearch } from "../../opensearch/connect.ts";
import { decode } from "../../worker/src/ingest/decode.ts";
import { planDelivery } from "../../worker/src/ingest/plan-delivery.ts";
import { StackError } from "../lib/stack-error.ts";

export interface Hit {
  readonly _id: string;
  readonly _index: string;
  readonly _source: RejectedDocument;
}

/** The Worker that stores replayed events, and the relay's token. */
export interface Receiver {
  readonly worker: string;
  readonly token: string;
}

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

/** Reasons that a text never has: its payload is a part of another one, such as an element of an array. */
const JSON_REASONS: ReadonlySet<RejectReason> = new Set([
  "invalid_json",
  "unknown_shape",
  "unsupported_version",
  "missing_field",
  "invalid_field",
  "unknown_field",
]);

/** Why an event cannot be replayed, whatever is fixed. `undefined` if it can. */
export const findObstacle = (hit: Hit): string | undefined => {
  const { reason, field, edgelog, payload } = hit._source;
  if (payload.text === undefined && payload.base64 === undefined) return "only their number is stored";
  if (edgelog.protocol !== undefined) {
    return `${edgelog.protocol}: the payload is in the format of another route; have the sender send it again`;
  }
  if (reason === "broken_gzip" && field === "Content-Encoding") return "the body was not valid in its Content-Encoding";
  const decoded = JSON_REASONS.has(reason) ? decode(toMessage(hit).payload) : undefined;
  return decoded?.ok === true && decoded.value.dialect === "text"
    ? "an earlier version stored a part of the payload, which would now be a text"
    : undefined;
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

/**
 * Sends an event again, and removes it if it was stored. Returns whether it was. The Worker does not store an event of a replay as rejected
 * again, so the rejected store has each event once, whenever the command ends.
 */
export const replayEvent = async (opensearch: OpenSearch, hit: Hit, { worker, token }: Receiver): Promise<boolean> => {
  if (!isAcceptedNow(hit)) return false;
  const { transport, userAgent } = hit._source.edgelog;
  const response = await fetch(new URL("/relay", worker), {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": RELAY_FRAME_TYPE },
    body: encodeRelayFrame({ messages: [toMessage(hit)], replay: { transport, userAgent } }),
  });
  if (!response.ok) throw new StackError(`The Worker responded with ${response.status}.`);
  const [outcome] = ((await response.json()) as RelayResponse).outcomes;
  if (outcome?.state !== "done" || outcome.receipt.rejected.length > 0) return false;
  await remove(opensearch, hit);
  return true;
};
