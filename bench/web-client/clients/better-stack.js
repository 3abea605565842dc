import { Logtail } from "@logtail/browser";
import { captureWith } from "./batch-sender.js";

export const start = ({ endpoint }) => {
  const logtail = new Logtail("token", { endpoint: `${endpoint}/better-stack` });
  const log = (message, context) => void logtail.info(message, context);
  captureWith(log);
  return log;
};
