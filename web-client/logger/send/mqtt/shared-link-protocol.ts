/**
 * Messages between a tab and the SharedWorker that holds the connection.
 */
import type { Tuning } from "../../tuning.ts";
import type { EncodedBatch, OpenResult, SendResult } from "../link.ts";

/** Login of a tab. Tabs with the same URL, app and key share a connection. */
export interface SharedLogin extends Pick<Tuning, "connectTimeoutMs" | "receiptTimeoutMs" | "maxReceiptTimeoutMs"> {
  readonly url: string;
  readonly app: string;
  readonly key: string;
  readonly clientId: string;
}

/**
 * Messages from a tab. Each side holds a Web Lock until it ends, and requests the other's lock to detect that the other
 * has ended.
 */
export type FromTab =
  | { readonly type: "join"; readonly login: SharedLogin; readonly tabLock: string }
  | { readonly type: "send"; readonly batch: EncodedBatch }
  | { readonly type: "leave" };

/** Messages from the SharedWorker. */
export type FromWorker =
  | { readonly type: "ready"; readonly workerLock: string }
  | { readonly type: "opened"; readonly state: OpenResult["state"] }
  | { readonly type: "sent"; readonly id: string; readonly result: SendResult }
  | { readonly type: "closed" };
