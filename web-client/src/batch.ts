/**
 * Events on their way: the wire form of contract/batch.ts, put together from strings that are serialised already.
 */
import { v7 } from "uuid";
import type { Attributes } from "../../contract/log-event.ts";
import type { QueuedEvent } from "./outbox.ts";

/** One delivery. It keeps its id when it is sent again, so that a late receipt still finds it. */
export interface Batch {
  readonly id: string;
  readonly events: readonly QueuedEvent[];
  readonly body: string;
}

/** What all batches of a logger share. */
export interface BatchHead {
  readonly resource: Attributes;
  readonly attributes: Attributes | undefined;
}

/** Makes batches; `head` is serialised once. */
export const createBatcher = ({ resource, attributes }: BatchHead): ((events: readonly QueuedEvent[]) => Batch) => {
  const shared = JSON.stringify({ resource, attributes }).slice(1, -1);
  return (events) => {
    const id = v7();
    const list = events.map(({ json }) => json).join(",");
    return { id, events, body: `{"v":1,"id":"${id}",${shared},"events":[${list}]}` };
  };
};
