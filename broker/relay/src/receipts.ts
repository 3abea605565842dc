/**
 * Sends receipts to the publishers that asked for one (MQTT 5, Response Topic).
 * Must not: publish anywhere but inside `receipts/{user}/{client}` of the publisher itself, whatever it asks for.
 */
import type { ReceivedReceipt } from "#contract/wire/receipt.ts";
import { parsePublisher, receiptsTopic } from "#contract/wire/topics.ts";
import type { HeldMessage } from "./held-message.ts";

/** Whether the publisher to `topic` may have its receipts on `responseTopic`. */
export const isOwnResponseTopic = (topic: string, responseTopic: string): boolean => {
  const publisher = parsePublisher(topic);
  if (publisher?.kind !== "client") return false;
  const own = receiptsTopic(publisher.user, publisher.client);
  const isInside = responseTopic === own || responseTopic.startsWith(`${own}/`);
  return isInside && !/[+#\0]/.test(responseTopic);
};

export type ReceiptResult = "sent" | "foreign_topic" | "offline";

/** Publishes at QoS 0; resolves to false when there is no connection. The sender asks again by sending again. */
export type PublishReceipt = (topic: string, payload: string, correlationData: Buffer | undefined) => boolean;

/** `undefined` when the publisher did not ask. */
export const sendReceipt = (
  message: HeldMessage,
  receipt: ReceivedReceipt,
  publish: PublishReceipt,
): ReceiptResult | undefined => {
  const { replyTo, topic } = message;
  if (replyTo === undefined) return undefined;
  if (!isOwnResponseTopic(topic, replyTo.responseTopic)) return "foreign_topic";
  return publish(replyTo.responseTopic, JSON.stringify(receipt), replyTo.correlationData) ? "sent" : "offline";
};
