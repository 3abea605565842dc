/**
 * Sends receipts to publishers that requested one (MQTT 5, Response Topic).
 * A receipt is only published on `receipts/{user}/{client}` of the publisher, or below it.
 */
import type { ReceivedReceipt } from "#contract/wire/receipt.ts";
import { isOwnResponseTopic } from "#contract/wire/topics.ts";
import type { HeldMessage } from "./held-message.ts";

/** `forbidden_topic`: the response topic belongs to another client. `offline`: the broker is not connected. */
export type ReceiptResult = "sent" | "forbidden_topic" | "offline";

/** Publishes with QoS 0. Returns false without a connection; the publisher gets a receipt when it sends the batch again. */
export type PublishReceipt = (topic: string, payload: string, correlationData: Buffer | undefined) => boolean;

/** Returns `undefined` if the publisher requested no receipt. */
export const sendReceipt = (
  message: HeldMessage,
  receipt: ReceivedReceipt,
  publish: PublishReceipt,
): ReceiptResult | undefined => {
  const { replyTo, topic } = message;
  if (replyTo === undefined) return undefined;
  if (!isOwnResponseTopic(topic, replyTo.responseTopic)) return "forbidden_topic";
  return publish(replyTo.responseTopic, JSON.stringify(receipt), replyTo.correlationData) ? "sent" : "offline";
};
