/**
 * One event on its way from outbox to receipt, with everything that can be killed, lost or repeated on the way.
 *
 * What the real parts do, each in a line: the outbox (web-client) lets go with the receipt; the broker acknowledges at
 * once and may forget when it is killed; the relay acknowledges to the broker after the Worker's answer; the Worker's
 * answer can be lost after OpenSearch stored; OpenSearch creates by id. Copies are bounded at two on each leg.
 */
import type { Model, Step } from "./explore.ts";

export interface State {
  readonly inOutbox: boolean;
  readonly hasSent: boolean;
  /** Copies at the broker: queued for the relay, and delivered but not acknowledged. */
  readonly queued: number;
  readonly delivered: number;
  /** Copies that the relay holds, and those on their way to the Worker. */
  readonly held: number;
  readonly posted: number;
  /** Documents in OpenSearch. */
  readonly documents: number;
  /** Answers and receipts on their way back. */
  readonly answers: number;
  readonly receipts: number;
}

/** Ways in which the real parts could be built, or used, otherwise. */
export interface Variant {
  /** The relay acknowledges when it takes a message, not when it is stored. */
  readonly acknowledgeEarly?: boolean;
  /** The outbox lets go with the broker's PUBACK: a client without receipts. */
  readonly trustPuback?: boolean;
  /** The index, and so the document, differs from delivery to delivery. */
  readonly randomIndex?: boolean;
  /** An outbox that never sends again. */
  readonly sendOnce?: boolean;
  /** Nobody kills the broker. */
  readonly brokerLives?: boolean;
}

const MOST_COPIES = 2;

const INITIAL: State = {
  inOutbox: true,
  hasSent: false,
  queued: 0,
  delivered: 0,
  held: 0,
  posted: 0,
  documents: 0,
  answers: 0,
  receipts: 0,
};

export const createDeliveryModel = (variant: Variant = {}): Model<State> => ({
  initial: INITIAL,
  steps: (state) => {
    const steps: Step<State>[] = [];
    const can = (name: string, isPossible: boolean, change: Partial<State>): void => {
      if (isPossible) steps.push({ name, next: { ...state, ...change } });
    };
    const { inOutbox, queued, delivered, held, posted, documents, answers, receipts } = state;
    const hasRoom = queued + delivered < MOST_COPIES;
    const maySend = inOutbox && hasRoom && !(variant.sendOnce === true && state.hasSent);
    can("the client sends", maySend, { queued: queued + 1, hasSent: true, inOutbox: variant.trustPuback !== true });
    can("the broker delivers", queued > 0 && held < MOST_COPIES, {
      queued: queued - 1,
      delivered: variant.acknowledgeEarly === true ? delivered : delivered + 1,
      held: held + 1,
    });
    can("the relay posts", held > 0 && posted < MOST_COPIES, { posted: posted + 1 });
    const created = variant.randomIndex === true ? documents + 1 : 1;
    can("OpenSearch stores, the answer comes", posted > 0 && answers < MOST_COPIES && created <= 2, {
      posted: posted - 1,
      documents: created,
      answers: answers + 1,
    });
    can("OpenSearch stores, the answer is lost", posted > 0 && created <= 2, {
      posted: posted - 1,
      documents: created,
    });
    can("OpenSearch is away", posted > 0, { posted: posted - 1 });
    can("the relay hears the answer", answers > 0 && held > 0, {
      answers: answers - 1,
      held: held - 1,
      delivered: Math.max(0, delivered - 1),
      receipts: Math.min(MOST_COPIES, receipts + 1),
    });
    can("the client hears the receipt", receipts > 0, { receipts: receipts - 1, inOutbox: false });
    can("a receipt is lost", receipts > 0, { receipts: receipts - 1 });
    can("the relay is killed", held > 0 || posted > 0 || answers > 0, {
      held: 0,
      answers: 0,
      queued: queued + delivered,
      delivered: 0,
    });
    can("the broker is killed", variant.brokerLives !== true && queued + delivered > 0, {
      queued: 0,
      delivered: 0,
      receipts: 0,
    });
    return steps;
  },
  violation: ({ inOutbox, queued, delivered, held, posted, documents }) => {
    if (documents > 1) return "two documents";
    const isSomewhere = inOutbox || queued + delivered + held + posted > 0;
    return documents === 0 && !isSomewhere ? "lost" : undefined;
  },
  isGoal: ({ inOutbox, documents }) => !inOutbox && documents === 1,
});
