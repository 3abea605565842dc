/**
 * A model of one event from outbox to receipt, with all steps that can fail, repeat or lose a message.
 *
 * Modelled behaviour: the outbox (web-client) deletes the event on its receipt. The broker acknowledges immediately and
 * can lose its queue when killed. The relay acknowledges to the broker after the Worker's response. The Worker's response
 * can be lost after OpenSearch stored the event. OpenSearch creates documents by id. Each hop has at most two copies.
 */
import type { Model, Step } from "./explore.ts";

export interface State {
  readonly inOutbox: boolean;
  readonly hasSent: boolean;
  /** Copies at the broker: queued for the relay, and delivered but not acknowledged. */
  readonly queued: number;
  readonly delivered: number;
  /** Copies in the relay, and in requests to the Worker. */
  readonly held: number;
  readonly posted: number;
  /** Documents in OpenSearch. */
  readonly documents: number;
  /** Responses of the Worker and receipts in transit. */
  readonly responses: number;
  readonly receipts: number;
}

/** Alternative designs, and clients without receipts. */
export interface Variant {
  /** The relay acknowledges a message on arrival, before it is stored. */
  readonly acknowledgeEarly?: boolean;
  /** The outbox deletes the event on the broker's PUBACK: a client without receipts. */
  readonly trustPuback?: boolean;
  /** Each delivery uses another index, so the document id does not deduplicate. */
  readonly randomIndex?: boolean;
  /** The outbox never resends. */
  readonly sendOnce?: boolean;
  /** The broker is never killed. */
  readonly neverKillBroker?: boolean;
}

const MAX_COPIES = 2;

const INITIAL: State = {
  inOutbox: true,
  hasSent: false,
  queued: 0,
  delivered: 0,
  held: 0,
  posted: 0,
  documents: 0,
  responses: 0,
  receipts: 0,
};

export const createDeliveryModel = (variant: Variant = {}): Model<State> => ({
  initial: INITIAL,
  steps: (state) => {
    const steps: Step<State>[] = [];
    const can = (name: string, isPossible: boolean, change: Partial<State>): void => {
      if (isPossible) steps.push({ name, next: { ...state, ...change } });
    };
    const { inOutbox, queued, delivered, held, posted, documents, responses, receipts } = state;
    const hasRoom = queued + delivered < MAX_COPIES;
    const maySend = inOutbox && hasRoom && !(variant.sendOnce === true && state.hasSent);
    can("the client sends", maySend, { queued: queued + 1, hasSent: true, inOutbox: variant.trustPuback !== true });
    can("the broker delivers", queued > 0 && held < MAX_COPIES, {
      queued: queued - 1,
      delivered: variant.acknowledgeEarly === true ? delivered : delivered + 1,
      held: held + 1,
    });
    can("the relay posts", held > 0 && posted < MAX_COPIES, { posted: posted + 1 });
    const created = variant.randomIndex === true ? documents + 1 : 1;
    can("OpenSearch stores the event, and the response arrives", posted > 0 && responses < MAX_COPIES && created <= 2, {
      posted: posted - 1,
      documents: created,
      responses: responses + 1,
    });
    can("OpenSearch stores, the response is lost", posted > 0 && created <= 2, {
      posted: posted - 1,
      documents: created,
    });
    can("OpenSearch is unavailable", posted > 0, { posted: posted - 1 });
    can("the relay receives the response", responses > 0 && held > 0, {
      responses: responses - 1,
      held: held - 1,
      delivered: Math.max(0, delivered - 1),
      receipts: Math.min(MAX_COPIES, receipts + 1),
    });
    can("the client receives the receipt", receipts > 0, { receipts: receipts - 1, inOutbox: false });
    can("a receipt is lost", receipts > 0, { receipts: receipts - 1 });
    can("the relay is killed", held > 0 || posted > 0 || responses > 0, {
      held: 0,
      responses: 0,
      queued: queued + delivered,
      delivered: 0,
    });
    can("the broker is killed", variant.neverKillBroker !== true && queued + delivered > 0, {
      queued: 0,
      delivered: 0,
      receipts: 0,
    });
    return steps;
  },
  violation: ({ inOutbox, queued, delivered, held, posted, documents }) => {
    if (documents > 1) return "two documents";
    const isInTransit = inOutbox || queued + delivered + held + posted > 0;
    return documents === 0 && !isInTransit ? "lost" : undefined;
  },
  isGoal: ({ inOutbox, documents }) => !inOutbox && documents === 1,
});
