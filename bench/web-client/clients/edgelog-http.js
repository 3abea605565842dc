import { captureErrors, createLogger } from "../../../web-client/package/lib/index.js";

export const start = ({ endpoint, app, key }) => {
  const logger = createLogger({ app, key, endpoint, transport: "http" });
  captureErrors(logger);
  return logger.info;
};
