import { Logger, ProxyTransport } from "@axiomhq/logging";
import { captureWith } from "./batch-sender.js";

export const start = ({ endpoint }) => {
  const logger = new Logger({ transports: [new ProxyTransport({ url: `${endpoint}/axiom`, autoFlush: true })] });
  const log = (message, context) => logger.info(message, context);
  captureWith(log);
  return log;
};
