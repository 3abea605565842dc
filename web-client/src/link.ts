/**
 * A way to the server, as the courier sees it. MQTT and HTTP are one file each behind it.
 */
import type { Receipt } from "../../contract/receipt.ts";
import type { Batch } from "./batch.ts";

/** How batches travel. */
export type TransportKind = "mqtt" | "http";

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
  send(batch: Batch, options?: { readonly keepalive?: boolean }): Promise<Delivery>;
  /** Settles when the way is gone, whoever ended it. */
  readonly closed: Promise<void>;
  close(): void;
}

/** What came of trying to open a link. */
export type Dialed =
  | { readonly state: "open"; readonly link: Link }
  | { readonly state: "failed" | "timed_out" | "denied" };
