/**
 * The request and response bodies of `POST /relay`, which forwards many MQTT messages in one HTTP request.
 *
 * A frame is one line of JSON, `{"v":1,"sentAtMs":1764288000000,"messages":[[id, topic, payloadBytes], …]}`, a line feed,
 * and the payloads, one directly after the other. The relay copies payloads byte for byte and does not parse them.
 */
import * as z from "zod";
import type { Transport } from "#contract/store/log-document.ts";
import type { Immutable } from "#contract/wire/immutable.ts";
import { MAX_RELAY_MESSAGES } from "#contract/wire/limits.ts";
import { isUuid } from "#contract/wire/uuid.ts";
import { receiptSchema, receivedReceiptSchema, type ReceivedReceipt } from "#contract/wire/receipt.ts";

/** Media type of a frame. */
export const RELAY_FRAME_TYPE = "application/vnd.edgelog.relay-frame";

/** One MQTT message, as the relay received it from the broker. */
export interface RelayedMessage {
  /** UUIDv7 that the relay creates when the message arrives. A resend has the same id. */
  readonly id: string;
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** The body of a request to `POST /relay`. */
export interface RelayFrame {
  readonly messages: readonly RelayedMessage[];
  /** Unix time in milliseconds by the relay's clock when it sent this request. Absent in frames of older relays. */
  readonly sentAtMs?: number | undefined;
  /** True: store the payloads as rejected with the reason `internal`, without decoding them. Default: false. */
  readonly setAside?: boolean | undefined;
  /** The payloads are rejected events that are sent again. Default: they are new. */
  readonly replay?: ReplayOptions | undefined;
}

/**
 * How to store payloads that the rejected store has: one that is still rejected is not stored as rejected again, and the logs have the
 * metadata of the first delivery.
 */
export interface ReplayOptions {
  readonly transport: Transport;
  /** The `User-Agent` of the request, over HTTP. */
  readonly userAgent?: string | undefined;
}

const createOutcomeSchema = <Receipt extends z.ZodType>(receipt: Receipt) =>
  z.union([
    z
      .object({ state: z.literal("done"), receipt })
      .meta({ description: "The receipt accounts for every event of the message." }),
    z
      .object({ state: z.literal("retry") })
      .meta({ description: "The outcome of at least one event is unknown. Resend the message later." }),
    z.object({ state: z.literal("deferred") }).meta({
      description: "The request reached its limit before this message. Resend it at once. Never the first message.",
    }),
  ]);

/** Response to `POST /relay`, as the Worker writes it. */
export const relayResponseSchema = z.object({
  v: z.literal(1),
  outcomes: z
    .array(createOutcomeSchema(receiptSchema))
    .meta({ description: "One outcome for each message, in the order of the request." }),
});

/** The outcome of one message, as the relay reads it. */
const receivedOutcomeSchema = createOutcomeSchema(receivedReceiptSchema);

/** Response to `POST /relay`, as the relay reads it. {@link parseRelayResponse} gives the same results faster. */
export const receivedRelayResponseSchema = z.object({ v: z.literal(1), outcomes: z.array(receivedOutcomeSchema) });

/** The response without its outcomes, which are checked one by one. */
const responseHeadSchema = z.object({ v: z.literal(1), outcomes: z.array(z.unknown()) });

/** Response to `POST /relay`: one outcome for each message, in the order of the request. */
export type RelayResponse = Immutable<z.output<typeof relayResponseSchema>>;

/** The outcome of one message. */
export type RelayOutcome = RelayResponse["outcomes"][number];

/** The outcome of one message, sent by this or a later version of the Worker. */
export type ReceivedRelayOutcome =
  | { readonly state: "done"; readonly receipt: ReceivedReceipt }
  | Exclude<RelayOutcome, { readonly state: "done" }>;

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

/**
 * Whether a receipt is valid and rejects no event, like nearly all receipts. If not, the
 * schema checks it; checking all receipts with the schema took several microseconds a message.
 */
const isPlainReceipt = (receipt: Readonly<Record<string, unknown>>): boolean => {
  const { v, batch, stored, duplicates, rejected, unfinished } = receipt;
  return (
    v === 1 &&
    (batch === undefined || typeof batch === "string") &&
    isCount(stored) &&
    isCount(duplicates) &&
    Array.isArray(rejected) &&
    rejected.length === 0 &&
    unfinished === undefined
  );
};

const parseOutcome = (value: unknown): ReceivedRelayOutcome | undefined => {
  if (typeof value === "object" && value !== null && "state" in value && "receipt" in value) {
    const { state, receipt } = value;
    if (state === "done" && typeof receipt === "object" && receipt !== null) {
      if (isPlainReceipt(receipt as Readonly<Record<string, unknown>>)) return value as ReceivedRelayOutcome;
    }
  }
  return receivedOutcomeSchema.safeParse(value).data;
};

/**
 * Checks the response to `POST /relay`, sent by this or a later version of the Worker. Returns its outcomes, or `undefined`
 * if it is not valid.
 *
 * @param body The body as parsed JSON.
 */
export const parseRelayResponse = (body: unknown): readonly ReceivedRelayOutcome[] | undefined => {
  const head = responseHeadSchema.safeParse(body);
  if (!head.success) return undefined;
  const outcomes: ReceivedRelayOutcome[] = [];
  for (const value of head.data.outcomes) {
    const outcome = parseOutcome(value);
    if (outcome === undefined) return undefined;
    outcomes.push(outcome);
  }
  return outcomes;
};

const LINE_FEED = 0x0a;

/** The header without the entries of its messages, which are checked one by one. */
const headerSchema = z.object({
  v: z.literal(1),
  sentAtMs: z.int().min(0).optional(),
  setAside: z.boolean().optional(),
  replay: z.object({ transport: z.enum(["http", "mqtt"]), userAgent: z.string().optional() }).optional(),
  messages: z.array(z.unknown()).max(MAX_RELAY_MESSAGES),
});

type Entry = readonly [id: string, topic: string, payloadBytes: number];

const isEntry = (value: unknown): value is Entry =>
  Array.isArray(value) && value.length === 3 && isUuid(value[0]) && typeof value[1] === "string" && isCount(value[2]);

/**
 * Encodes a frame.
 *
 * @param memory Written to if it is large enough; the result is then a view of it. Default: new memory.
 */
export const encodeRelayFrame = (
  { messages, sentAtMs, setAside, replay }: RelayFrame,
  memory?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> => {
  const entries = messages.map(({ id, topic, payload }) => [id, topic, payload.byteLength]);
  const header = new TextEncoder().encode(
    `${JSON.stringify({ v: 1, sentAtMs, setAside, replay, messages: entries })}\n`,
  );
  const bytes = messages.reduce((sum, { payload }) => sum + payload.byteLength, header.byteLength);
  const frame = memory === undefined || memory.byteLength < bytes ? new Uint8Array(bytes) : memory.subarray(0, bytes);
  frame.set(header);
  let offset = header.byteLength;
  for (const { payload } of messages) {
    frame.set(payload, offset);
    offset += payload.byteLength;
  }
  return frame;
};

/** Decodes a frame. Returns `undefined` if it is malformed. The payloads are views into `frame`, not copies. */
export const decodeRelayFrame = (frame: Uint8Array): RelayFrame | undefined => {
  const end = frame.indexOf(LINE_FEED);
  if (end < 0) return undefined;
  let header;
  try {
    header = headerSchema.safeParse(JSON.parse(new TextDecoder().decode(frame.subarray(0, end))));
  } catch {
    return undefined;
  }
  if (!header.success) return undefined;
  const { sentAtMs, setAside, replay } = header.data;
  let offset = end + 1;
  const messages: RelayedMessage[] = [];
  for (const entry of header.data.messages) {
    if (!isEntry(entry)) return undefined;
    const [id, topic, bytes] = entry;
    messages.push({ id, topic, payload: frame.subarray(offset, offset + bytes) });
    offset += bytes;
  }
  return offset === frame.byteLength ? { messages, sentAtMs, setAside, replay } : undefined;
};
