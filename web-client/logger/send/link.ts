/**
 * A way to the server, as the courier sees it. MQTT and HTTP are one file each behind it.
 */
import type { Receipt } from "#contract/wire/receipt.ts";

/** How batches travel. */
export type TransportKind = "mqtt" | "http";

/** `auto` is MQTT, and HTTP until MQTT is there and where it does not get through. */
export type TransportMode = "auto" | TransportKind;

/** What is known of the way to the server. */
export type LinkState = "connecting" | "online" | "offline" | "denied";

/** One delivery in its wire form. It keeps its id when it is sent again, so that a late receipt still finds it. */
export interface Parcel {
  readonly id: string;
  readonly body: string;
}

/** What came of sending a batch once. */
export type Delivery =
  /** The server accounts for the events; `afterMs` says when to send its `unfinished` ones again. */
  | { readonly state: "receipt"; readonly receipt: Receipt; readonly afterMs?: number | undefined }
  /** Nothing is known: send the same batch again, not before `afterMs` where the other side names a time. */
  | { readonly state: "retry"; readonly afterMs?: number | undefined }
  /** App or key refused. */
  | { readonly state: "denied" }
  | { readonly state: "too_large" }
  /** Refused as a whole, and it would be again. */
  | { readonly state: "refused"; readonly reason: string };

/** An open way. It dies once; a new one takes its place. */
export interface Link {
  readonly kind: TransportKind;
  /** Never rejects. */
  send(parcel: Parcel): Promise<Delivery>;
  /** Settles when the way is gone, whoever ended it. */
  readonly closed: Promise<void>;
  close(): void;
}

/** What came of trying to open a link. */
export type Dialed =
  | { readonly state: "open"; readonly link: Link }
  | { readonly state: "failed" | "timed_out" | "denied" };
