/** Baseline: one `fetch` for each log, without a library. */
import { captureWith, createBatchSender } from "./batch-sender.js";

export const start = ({ endpoint }) => {
  const send = createBatchSender(`${endpoint}/bare`);
  const log = (message, context) => send({ time: Date.now(), level: "info", message, ...context });
  captureWith(log);
  return log;
};
