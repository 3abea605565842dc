/**
 * Sends receipts to publishers that requested one (MQTT 5, Response Topic).
 * A receipt is only published on `receipts/{user}/{client}` of the publisher, or below it.
 */
import { MAX_CORRELATION_DATA_BYTES, MAX_RECEIPT_DETAILS_LENGTH } from "#contract/wire/limits.ts";
import type { ReceivedReceipt } from "#contract/wire/receipt.ts";
import { isOwnResponseTopic } from "#contract/wire/topics.ts";
import type { HeldMessage } from "./held-message.ts";

/** `forbidden_topic`: the response topic belongs to another client, or is too long. `offline`: the broker is not connected. */
export type ReceiptResult = "sent" | "forbidden_topic" | "offline";

/** Publishes with QoS 0. Returns false without a connection; the publisher gets a receipt when it sends the batch again. */
export type PublishReceipt = (topic: string, payload: string, correlationData: Buffer | undefined) => boolean;

/**
 * Shortens a receipt with many rejected events. Each of them keeps its entry, because clients count the entries and find their events by
 * `index`.
 */
export const limitDetails = (receipt: ReceivedReceipt): ReceivedReceipt => {
  let length = 0;
  const rejected = receipt.rejected.map((entry, i) => {
    length += JSON.stringify(entry).length;
    if (i === 0 || length <= MAX_RECEIPT_DETAILS_LENGTH) return entry;
    const { index, reason } = entry;
    return { ...(index === undefined ? {} : { index }), reason, message: "" };
  });
  return { ...receipt, rejected };
};

/** Returns `undefined` if the publisher requested no receipt. */
export const sendReceipt = (
  message: HeldMessage,
  receipt: ReceivedReceipt,
  publish: PublishReceipt,
): ReceiptResult | undefined => {
  const { replyTo, topic } = message;
  if (replyTo === undefined) return undefined;
  const { responseTopic, correlationData } = replyTo;
  if (!isOwnResponseTopic(topic, responseTopic)) return "forbidden_topic";
  const isReturned = correlationData !== undefined && correlationData.byteLength <= MAX_CORRELATION_DATA_BYTES;
  const payload = JSON.stringify(receipt.rejected.length === 0 ? receipt : limitDetails(receipt));
  return publish(responseTopic, payload, isReturned ? correlationData : undefined) ? "sent" : "offline";
};
