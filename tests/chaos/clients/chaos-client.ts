/**
 * The common interface of the clients: they send numbered events and report when these have settled.
 */
import { v7 as uuidv7 } from "uuid";
import type { ClientGuarantees } from "../row.ts";

export interface Target {
  readonly mqttUrl: string;
  readonly httpUrl: string;
  readonly app: string;
  readonly key: string;
  readonly clock: { readonly shiftMs: number };
  /** Called with the keys of a batch when its receipt has arrived. Only clients with receipts call it. */
  readonly onReceipt?: (keys: readonly string[]) => void;
}

export interface ChaosClient extends ClientGuarantees {
  readonly name: string;
  /** Sends events with these keys in the background. */
  send(keys: readonly string[]): void;
  /** Resolves when all events have a receipt, or when the client has finished sending. */
  waitUntilSettled(): Promise<void>;
  /** Number of events with a receipt or dropped. Missing in clients without receipts. */
  countSettled?(): number;
  stop(): Promise<void>;
}

/** Attribute with the key of an event. */
export const KEY_ATTRIBUTE = "chaos.key";

export const toEvents = (keys: readonly string[], idsAtMs: number | undefined): readonly object[] =>
  keys.map((key) => ({
    ...(idsAtMs === undefined ? {} : { id: uuidv7({ msecs: idsAtMs }) }),
    body: `event ${key}`,
    attributes: { [KEY_ATTRIBUTE]: key },
  }));

/** A batch with ids. Retries send the same bytes. */
export const toBatch = (keys: readonly string[], { clock }: Target): { readonly id: string; readonly text: string } => {
  const id = uuidv7();
  const events = toEvents(keys, Date.now() + clock.shiftMs);
  return { id, text: JSON.stringify({ v: 1, id, resource: { "service.name": "chaos" }, events }) };
};
