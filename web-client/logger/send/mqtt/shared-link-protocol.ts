/**
 * What a tab and the SharedWorker that holds the connection say to each other.
 */
import type { Delivery, Dialed, Parcel } from "../link.ts";
import type { Tuning } from "../../tuning.ts";

/** As whom to connect. Tabs with the same URL, app and key share a connection. */
export interface SharedLogin extends Pick<Tuning, "connectTimeoutMs" | "receiptTimeoutMs" | "maxReceiptTimeoutMs"> {
  readonly url: string;
  readonly app: string;
  readonly key: string;
  readonly clientId: string;
}

/** Locks are held as long as their owner lives, so that each side notices that the other is gone. */
export type FromTab =
  | { readonly say: "join"; readonly login: SharedLogin; readonly tabLock: string }
  | { readonly say: "send"; readonly parcel: Parcel }
  | { readonly say: "leave" };

/** What the Worker says. */
export type FromWorker =
  | { readonly say: "hello"; readonly workerLock: string }
  | { readonly say: "dialed"; readonly outcome: Dialed["state"] }
  | { readonly say: "delivered"; readonly id: string; readonly delivery: Delivery }
  | { readonly say: "closed" };
