/**
 * Body of `POST /relay`: many MQTT messages in one request, their payloads untouched.
 *
 * Shape: one line of JSON `{"v":1,"messages":[[id, topic, payloadBytes], …]}`, a line feed, then the payloads back to
 * back. The relay copies bytes and never looks into them.
 */
import * as z from "zod";
import { MAX_RELAY_MESSAGES } from "#contract/wire/limits.ts";
import type { Receipt } from "#contract/wire/receipt.ts";

/** Media type of a relay frame. */
export const RELAY_FRAME_TYPE = "application/vnd.edgelog.relay-frame";

/** One MQTT message as the relay took it from the broker. */
export interface RelayedMessage {
  /** UUIDv7 made by the relay at arrival; its time is the time of arrival. Stays the same when sent again. */
  readonly id: string;
  readonly topic: string;
  readonly payload: Uint8Array;
}

/**
 * What the Worker says of one message. `retry`: nothing is known of a part of it, send it again whole, later.
 * `deferred`: the request was full before it came to this message, send it again at once. The first message of a request
 * is never deferred.
 */
export type RelayOutcome =
  | { readonly state: "done"; readonly receipt: Receipt }
  | { readonly state: "retry" }
  | { readonly state: "deferred" };

/** Answer to `POST /relay`: one outcome for each message, in their order. */
export interface RelayResponse {
  readonly v: 1;
  readonly outcomes: readonly RelayOutcome[];
}

const LINE_FEED = 0x0a;

const headerSchema = z.object({
  v: z.literal(1),
  messages: z.array(z.tuple([z.guid(), z.string(), z.int().min(0)])).max(MAX_RELAY_MESSAGES),
});

/** Writes a frame. */
export const encodeRelayFrame = (messages: readonly RelayedMessage[]): Uint8Array<ArrayBuffer> => {
  const header = new TextEncoder().encode(
    `${JSON.stringify({ v: 1, messages: messages.map(({ id, topic, payload }) => [id, topic, payload.byteLength]) })}\n`,
  );
  const frame = new Uint8Array(messages.reduce((sum, { payload }) => sum + payload.byteLength, header.byteLength));
  frame.set(header);
  let offset = header.byteLength;
  for (const { payload } of messages) {
    frame.set(payload, offset);
    offset += payload.byteLength;
  }
  return frame;
};

/** Reads a frame; `undefined` when it is not one. Payloads are views into `frame`. */
export const decodeRelayFrame = (frame: Uint8Array): readonly RelayedMessage[] | undefined => {
  const end = frame.indexOf(LINE_FEED);
  if (end < 0) return undefined;
  let header;
  try {
    header = headerSchema.safeParse(JSON.parse(new TextDecoder().decode(frame.subarray(0, end))));
  } catch {
    return undefined;
  }
  if (!header.success) return undefined;
  let offset = end + 1;
  const messages = header.data.messages.map(([id, topic, bytes]) => {
    const payload = frame.subarray(offset, offset + bytes);
    offset += bytes;
    return { id, topic, payload };
  });
  return offset === frame.byteLength ? messages : undefined;
};
