/**
 * `POST /relay`: stores MQTT messages sent by the relay. The response has one outcome per message, in the same order.
 *
 * Status: 200 if at least one message is done or the frame is empty; 503 with `Retry-After` if no message is done, or if the
 * isolate has no memory for the request; 400 if the body is not a relay frame; 409 if the relay's clock is wrong; 401 without
 * the relay's token; 413 over `MAX_RELAY_REQUEST_BYTES`.
 */
import { openAppStore } from "../access/app-store.ts";
import { MAX_CLIENT_ID_LENGTH, MAX_RELAY_REQUEST_BYTES } from "#contract/wire/limits.ts";
import {
  decodeRelayFrame,
  type RelayFrame,
  type RelayResponse,
  type RelayedMessage,
  type RelayOutcome,
} from "#contract/relay/relay-frame.ts";
import { parsePublisher, type Publisher } from "#contract/wire/topics.ts";
import { truncate } from "#contract/wire/shorten.ts";
import { assertRelay } from "../access/credentials.ts";
import type { Env } from "../env.ts";
import { ingest } from "../ingest/ingest.ts";
import type { Delivery } from "../ingest/delivery.ts";
import { FailureError } from "../failure.ts";
import { readBody } from "../http/read-body.ts";
import { assertClock, findUnknownApps, selectApps } from "./admit-messages.ts";
import { createIngestPorts } from "./ingest-ports.ts";
import { RELAY_OWNER, withMemory, type RequestMemory } from "./ingest-memory.ts";

/** The app and the client of a message. A client id that is too long is cut, so that its rejected payload can be found by it. */
const toSender = (
  publisher: Publisher | undefined,
  legacyApp: string | undefined,
): Pick<Delivery, "app" | "client" | "violation"> => {
  switch (publisher?.kind) {
    case "client":
      return { app: publisher.app, client: publisher.client };
    case "invalid_client": {
      const { app, client, violation } = publisher;
      return { app, client: client === "" ? undefined : truncate(client, MAX_CLIENT_ID_LENGTH), violation };
    }
    case "legacy":
      return { app: legacyApp };
    case undefined:
      return { app: undefined };
  }
};

type Sender = ReturnType<typeof toSender>;

/** Many messages of a frame have the same topic. */
const toDeliveries = (
  messages: readonly RelayedMessage[],
  legacyApp: string | undefined,
  { setAside, replay }: Pick<RelayFrame, "setAside" | "replay">,
): readonly Delivery[] => {
  const senders = new Map<string, Sender>();
  return messages.map(({ id, topic, payload }) => {
    let sender = senders.get(topic);
    if (sender === undefined) {
      sender = toSender(parsePublisher(topic), legacyApp);
      senders.set(topic, sender);
    }
    const { app, client, violation } = sender;
    if (replay?.transport === "http") {
      const { transport, userAgent } = replay;
      return { stamp: id, transport, app, userAgent, payload, isReplay: true };
    }
    const isReplay = replay !== undefined;
    return { stamp: id, transport: "mqtt", topic, payload, app, client, violation, setAside, isReplay };
  });
};

const storeMessages = async (
  request: Request,
  env: Env,
  arrivedMs: number,
  memory: RequestMemory,
): Promise<Response> => {
  const body = await readBody(request, MAX_RELAY_REQUEST_BYTES, memory.reserveDecompressed);
  const frame = decodeRelayFrame(body);
  if (frame === undefined) {
    throw new FailureError({ kind: "malformed_relay_frame" });
  }
  assertClock(frame, arrivedMs);
  const deliveries = toDeliveries(frame.messages, env.LEGACY_APP, frame);
  const selected = selectApps(deliveries.map(({ app }) => app));
  const unknownApps = await findUnknownApps(selected, openAppStore(env), arrivedMs);
  const isUnknown = ({ app }: Delivery): boolean => app !== undefined && unknownApps.has(app);
  const known = deliveries.filter((delivery) => selected.has(delivery.app) && !isUnknown(delivery));
  await memory.reserveDocuments(body);
  const receipts = await ingest(known, createIngestPorts(env, memory));
  // The known deliveries have the same order as all deliveries.
  let next = 0;
  const outcomes = deliveries.map((delivery): RelayOutcome => {
    if (isUnknown(delivery)) return { state: "retry" };
    const receipt = known[next] === delivery ? receipts[next] : undefined;
    if (known[next] === delivery) next += 1;
    if (receipt === undefined) return { state: "deferred" };
    return receipt.unfinished === undefined ? { state: "done", receipt } : { state: "retry" };
  });
  if (known.length > 0 && !outcomes.some(({ state }) => state === "done")) {
    throw new FailureError({ kind: "store_unavailable" });
  }
  return Response.json({ v: 1, outcomes } satisfies RelayResponse);
};

/** Throws a `FailureError` for every status other than 200. */
export const postRelay = async (
  request: Request,
  env: Env,
  context: Pick<ExecutionContext, "waitUntil">,
): Promise<Response> => {
  await assertRelay(request, [env.RELAY_TOKEN, env.RELAY_TOKEN_PREVIOUS]);
  const arrivedMs = Date.now();
  const memoryRequest = { request, context, limitBytes: MAX_RELAY_REQUEST_BYTES, owner: RELAY_OWNER };
  return await withMemory(memoryRequest, (memory) => storeMessages(request, env, arrivedMs, memory));
};
