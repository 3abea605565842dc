/**
 * Connections to the server, as the sender uses them. MQTT and HTTP both implement `Link`.
 */
import type { Receipt } from "#contract/wire/receipt-types.ts";

/** Protocol of a connection. */
export type TransportKind = "mqtt" | "http";

/** `auto` is MQTT, with HTTP until MQTT is connected and wherever it cannot connect. */
export type TransportMode = "auto" | TransportKind;

/** State of the connection to the server. */
export type LinkState = "connecting" | "online" | "offline" | "denied" | "challenged";

/** A batch as JSON. It has the same id when it is sent again, so that a late receipt is still matched. */
export interface EncodedBatch {
  readonly id: string;
  readonly body: string;
}

/** Result of sending a batch once. */
export type SendResult =
  /** A receipt. Its `unfinished` events are sent again, after `afterMs` if given. */
  | { readonly state: "receipt"; readonly receipt: Receipt; readonly afterMs?: number | undefined }
  /**
   * The outcome is unknown: send the same batch again, not before `afterMs` if the server gave a time. 0 means without a backoff,
   * because the connection was closed or the receipt timed out. `isBusy`: the server limits the number of requests. `isTooLarge`: a server in
   * front of the Worker refuses the length of the request.
   */
  | {
      readonly state: "retry";
      readonly afterMs?: number | undefined;
      readonly isBusy?: boolean;
      readonly isTooLarge?: boolean;
    }
  /** The server does not accept the app or the key. */
  | { readonly state: "denied" }
  /** A firewall in front of the server responded, for example with a page that checks for bots. */
  | { readonly state: "challenged" }
  /** The server refuses the length of the batch. */
  | { readonly state: "too_large" }
  /** The server rejects the whole batch, and would reject it again. */
  | { readonly state: "rejected"; readonly reason: string };

/** An open connection. Not reusable after it closes. */
export interface Link {
  readonly kind: TransportKind;
  /** Never rejects. */
  send(batch: EncodedBatch): Promise<SendResult>;
  /** Resolves when the connection has ended, for whatever reason. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Result of opening a link. */
export type OpenResult =
  | { readonly state: "open"; readonly link: Link }
  | { readonly state: "failed" | "timed_out" | "denied" };
