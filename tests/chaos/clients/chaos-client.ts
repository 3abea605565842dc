/**
 * What all clients of the harness have in common: they hand over numbered events and say when they are through.
 */
import { v7 as uuidv7 } from "uuid";
import type { Reliance } from "../row.ts";

export interface Target {
  readonly mqttUrl: string;
  readonly httpUrl: string;
  readonly app: string;
  readonly key: string;
  readonly clock: { readonly shiftMs: number };
}

export interface ChaosClient extends Reliance {
  readonly name: string;
  /** Hands over events with these keys; returns at once. Its promise is the client's own business. */
  send(keys: readonly string[]): void;
  /** Resolves when everything is accounted for, or when nothing more can be done. */
  settled(): Promise<void>;
  /** Events that this client has a receipt for, or counted as dropped; left out where it has no receipts. */
  accountedFor?(): number;
  stop(): Promise<void>;
}

/** The attribute by which an event is counted afterwards. */
export const KEY_ATTRIBUTE = "chaos.key";

export const toEvents = (keys: readonly string[], idsAtMs: number | undefined): readonly object[] =>
  keys.map((key) => ({
    ...(idsAtMs === undefined ? {} : { id: uuidv7({ msecs: idsAtMs }) }),
    body: `event ${key}`,
    attributes: { [KEY_ATTRIBUTE]: key },
  }));

/** A batch with ids, made once: what is sent again is the same to the byte. */
export const toBatch = (keys: readonly string[], { clock }: Target): { readonly id: string; readonly text: string } => {
  const id = uuidv7();
  const events = toEvents(keys, Date.now() + clock.shiftMs);
  return { id, text: JSON.stringify({ v: 1, id, resource: { "service.name": "chaos" }, events }) };
};
