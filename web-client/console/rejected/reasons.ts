/** Explains each rejection reason and how to fix its cause. */
import type { RejectReason } from "#contract/wire/reject-reason.ts";

export const EXPLANATIONS: Readonly<Record<RejectReason, string>> = {
  empty_payload: "The payload is empty. Do not send empty messages.",
  not_utf8: "The payload is not UTF-8 text. It may be in another encoding, binary or damaged.",
  broken_gzip: "The payload is marked as compressed but cannot be decompressed.",
  invalid_json: "Starts like a JSON object but is malformed. It may be truncated or assembled by hand.",
  unknown_shape: "Valid JSON, but neither an event nor a batch of events.",
  unsupported_version: "The server does not support this batch version. Update the server or the client.",
  missing_field: "A required field is missing.",
  invalid_field: "A field has an invalid value. The message shows the field and the allowed values.",
  unknown_field: "The event has an unknown field. Custom fields go under attributes.",
  too_long: "A text exceeds the length limit. Shorten it before logging.",
  too_deep: "Objects are nested too deeply.",
  too_many_attributes: "The event has too many attributes.",
  too_many_events: "The batch has too many events. Send smaller batches.",
  too_large: "The payload is too large. Send smaller payloads.",
  unknown_app: "The app is not registered. Register it, then replay the payload.",
  app_disabled: "The app is disabled. Enable it, then replay the payload.",
  over_quota:
    "The app exceeded its quota, so events of low severity are rejected first. Only their number is stored. Raise the quota, or send fewer logs.",
  unknown_topic: "The MQTT topic is not `logs/{user}/{client}`, or the client id contains a slash.",
  erased: "The logs of the user were erased before the event arrived. Only the number of such events is stored.",
  refused_by_store: "OpenSearch rejected the document. Fix the mapping or the cluster, then replay the payload.",
  internal: "Internal server error. Report it to the operator and replay the payload after an update.",
};
