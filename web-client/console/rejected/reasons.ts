/** What each reason of a rejection means, and what to do about it. */
import type { RejectReason } from "#contract/wire/reject-reason.ts";

export const EXPLANATIONS: Readonly<Record<RejectReason, string>> = {
  empty_payload: "There was nothing in it. The sender has to leave out empty messages.",
  not_utf8: "The bytes are not UTF-8 text: another encoding, a binary format, or damage on the way.",
  broken_gzip: "It was said to be gzip, and could not be decompressed.",
  invalid_json: "It begins like JSON and is none. Often it was cut off, or put together by hand.",
  unknown_shape: "It is JSON, and neither an event nor a batch of events.",
  unsupported_version: "The batch has a version that this server does not know: update the server, or the client.",
  missing_field: "A field that every event needs is not there.",
  invalid_field: "A field has a value that it can't have; the message names both.",
  unknown_field: "An event has a field that is not one of its own. What is the app's own belongs into attributes.",
  too_long: "A text is longer than its limit. Shorten it where it is logged.",
  too_deep: "Objects inside objects, more of them than the limit allows.",
  too_many_attributes: "An event has more attributes than the limit allows.",
  too_many_events: "A batch has more events than the limit allows: send smaller ones.",
  too_large: "The payload has more bytes than the limit allows: send smaller ones.",
  unknown_app: "The topic names an app that is not registered. Register it, then replay.",
  app_disabled: "The app is switched off. Switch it on, then replay.",
  unknown_topic: "The message came on a topic that is nobody's.",
  refused_by_store: "OpenSearch did not take the document. Replay once its mapping or its state is mended.",
  internal: "The server itself failed at it. Replay after the next update, and tell who runs it.",
};
