import type { Receipt } from "#contract/wire/receipt.ts";

/** JSON of the receipt that accounts for a whole batch. */
export const toReceipt = (batch: string): string => {
  const { id, events } = JSON.parse(batch) as { readonly id: string; readonly events: readonly unknown[] };
  return JSON.stringify({ v: 1, batch: id, stored: events.length, duplicates: 0, rejected: [] } satisfies Receipt);
};
