/**
 * A message that the relay holds in memory: received from the broker and not acknowledged to it yet.
 */
import type { RelayedMessage } from "#contract/relay/relay-frame.ts";
import type { Lanes } from "./lane.ts";
import type { PublishReceipt } from "./receipts.ts";

/** The topic for the publisher's receipt (MQTT 5 request/response, section 4.10). */
export interface ReplyTo {
  readonly responseTopic: string;
  readonly correlationData: Buffer | undefined;
}

/** The broker session on which a message arrived. */
export interface MessageSession {
  /** A user name, the name of a session that several users share, or the name of the main session. */
  readonly name: string;
  readonly lanes: Lanes;
  readonly publishReceipt: PublishReceipt;
  /** Acknowledges a message and removes it from memory. */
  release(message: HeldMessage): void;
}

export interface HeldMessage extends RelayedMessage {
  /** The stamp. Replaced when it is ahead of the clock, see restamp.ts. */
  id: string;
  /** Emptied after the acknowledgement to free memory. `digest` then identifies the content. */
  payload: Uint8Array;
  /** Set once the payload is emptied. */
  digest: string | undefined;
  /** Size of the whole packet in bytes, with topic and properties. */
  readonly bytes: number;
  /** Unix time in milliseconds. Replaced together with the stamp. */
  arrivedAtMs: number;
  /** When it arrived, on the monotonic clock (`performance.now()`): it measures how long the message waits. */
  readonly heldSinceMs: number;
  /** `undefined` if the publisher requested no receipt. */
  readonly replyTo: ReplyTo | undefined;
  readonly session: MessageSession;
  /** Sends the PUBACK. Replaced when the broker delivers the message again on a new connection. */
  acknowledge: () => void;
  /** True once the Worker has accounted for every event of the message. */
  isDone: boolean;
}
