/**
 * Adds the documents of planned events to a bulk. A document that an earlier delivery may have created in another index is
 * looked up first, and is created only if it does not exist.
 */
import type { Bulk, NewDocument } from "../opensearch/bulk-create.ts";
import type { DocumentRef } from "../opensearch/find-existing.ts";
import type { CreateOutcome } from "../opensearch/parse-bulk-response.ts";
import type { DeliveredEvent, PlannedEvent } from "./delivery-plan.ts";

/** A planned event whose document has been added. `slot` is the position of its outcome. */
export interface AddedEvent extends DeliveredEvent {
  slot: number;
}

/** The slot of a rejected event without a document: the rejected store has it. */
export const NO_DOCUMENT = -1;

/** Returns for each document whether it exists; `undefined` if that is unknown. */
export type FindExisting = (refs: readonly DocumentRef[]) => Promise<readonly (boolean | undefined)[]>;

/** A document that is created only if `ref` does not exist. */
interface HeldDocument {
  readonly slot: number;
  readonly ref: DocumentRef;
  readonly document: NewDocument;
}

export class BulkFiller {
  readonly #bulk: Bulk;
  readonly #findExisting: FindExisting | undefined;
  /** The slots of documents that several events share. */
  readonly #sharedSlots = new Map<NewDocument, number>();
  readonly #held: HeldDocument[] = [];
  /** The slot of each document of the bulk. */
  readonly #slots: number[] = [];
  #size = 0;

  /** @param findExisting Default: no document is looked up. */
  constructor(bulk: Bulk, findExisting?: FindExisting) {
    this.#bulk = bulk;
    this.#findExisting = findExisting;
  }

  add({ newDocument, kind, position, eventId, violation }: PlannedEvent): AddedEvent {
    // Only rejected events share documents.
    if (kind === "log" && position !== undefined) {
      return { kind, eventId, slot: this.addShared(newDocument), position };
    }
    const slot = this.#sharedSlots.get(newDocument) ?? this.addShared(newDocument);
    this.#sharedSlots.set(newDocument, slot);
    return {
      kind,
      eventId,
      slot,
      ...(position === undefined ? {} : { position }),
      ...(violation === undefined ? {} : { violation }),
    };
  }

  /** Adds a document that belongs to no single delivery. Returns its slot. */
  addShared(document: NewDocument): number {
    const slot = this.#size;
    this.#size += 1;
    const { earlierIndex, id } = document;
    if (earlierIndex === undefined || this.#findExisting === undefined) this.#addToBulk(document, slot);
    else this.#held.push({ slot, document, ref: { index: earlierIndex, id } });
    return slot;
  }

  /** Creates the documents. Returns the outcomes by slot. Never rejects. Call it once. */
  async send(): Promise<readonly CreateOutcome[]> {
    this.#sharedSlots.clear();
    if (this.#held.length === 0) return await this.#bulk.send();
    const outcomes: CreateOutcome[] = Array.from({ length: this.#size }, () => ({ state: "unknown" }));
    const existing = (await this.#findExisting?.(this.#held.map(({ ref }) => ref))) ?? [];
    for (const [i, { slot, document }] of this.#held.entries()) {
      if (existing[i] === true) outcomes[slot] = { state: "duplicate" };
      else if (existing[i] === false) this.#addToBulk(document, slot);
    }
    this.#held.length = 0;
    const created = await this.#bulk.send();
    for (const [i, slot] of this.#slots.entries()) outcomes[slot] = created[i] ?? { state: "unknown" };
    return outcomes;
  }

  #addToBulk(document: NewDocument, slot: number): void {
    this.#bulk.add(document);
    this.#slots.push(slot);
  }
}
