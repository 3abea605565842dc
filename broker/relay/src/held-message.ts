/**
 * A message on its way: taken from the broker, not yet acknowledged to it.
 */
import type { RelayedMessage } from "#contract/relay/relay-frame.ts";

/** Where the publisher wants its receipt (MQTT 5 request/response, section 4.10). */
export interface ReplyTo {
  readonly responseTopic: string;
  readonly correlationData: Buffer | undefined;
}

export interface HeldMessage extends RelayedMessage {
  /** Empty once the broker has been told; `digest` stands for it then. */
  payload: Uint8Array;
  digest: string | undefined;
  /** Of the whole packet: topic and properties weigh, too. */
  readonly bytes: number;
  readonly arrivedAtMs: number;
  readonly replyTo: ReplyTo | undefined;
  /** Tells the broker, once the Worker has taken the message. Replaced when the broker delivers it anew. */
  acknowledge: () => void;
  /** Set when the Worker has taken it. */
  isDone: boolean;
}
