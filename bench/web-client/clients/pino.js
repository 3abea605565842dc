import pino from "pino";
import { captureWith, createBatchSender } from "./batch-sender.js";

export const start = ({ endpoint }) => {
  const send = createBatchSender(`${endpoint}/pino`);
  const logger = pino({ browser: { write: () => {}, transmit: { send: (_level, event) => send(event) } } });
  const log = (message, context) => logger.info(context, message);
  captureWith(log);
  return log;
};
