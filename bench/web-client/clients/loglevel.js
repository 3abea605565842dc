import loglevel from "loglevel";
import { captureWith, createBatchSender } from "./batch-sender.js";

export const start = ({ endpoint }) => {
  const send = createBatchSender(`${endpoint}/loglevel`);
  loglevel.methodFactory = (level) => (message, context) => send({ time: Date.now(), level, message, ...context });
  loglevel.setLevel("info", false);
  const log = (message, context) => loglevel.info(message, context);
  captureWith(log);
  return log;
};
