import { captureErrors, createLogger } from "../../../web-client/package/lib/index.js";

export const start = ({ endpoint, mqttUrl, app, key }) => {
  const logger = createLogger({ app, key, endpoint, mqttUrl, transport: "mqtt" });
  captureErrors(logger);
  return logger.info;
};
