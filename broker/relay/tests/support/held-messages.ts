import { v7 as uuidv7 } from "uuid";
import type { RelayedMessage } from "#contract/relay/relay-frame.ts";
import type { HeldMessage, MessageSession } from "../../src/held-message.ts";
import { createLanes } from "../../src/lane.ts";

/** The payload as text. */
export const textOf = ({ payload }: Pick<RelayedMessage, "payload">): string => Buffer.from(payload).toString();

export const createSession = (name: string): MessageSession => ({
  name,
  lanes: createLanes(),
  publishReceipt: () => true,
  release: () => undefined,
});

/** A message that arrived now. */
export const createMessage = (session: MessageSession, payload: string, arrivedAtMs = Date.now()): HeldMessage => ({
  id: uuidv7({ msecs: arrivedAtMs }),
  topic: `logs/${session.name}/c1`,
  payload: Buffer.from(payload),
  digest: undefined,
  bytes: payload.length,
  arrivedAtMs,
  heldSinceMs: performance.now(),
  replyTo: undefined,
  session,
  acknowledge: () => undefined,
  isDone: false,
});
