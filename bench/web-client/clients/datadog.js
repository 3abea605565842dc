import { datadogLogs } from "@datadog/browser-logs";

export const start = ({ endpoint }) => {
  datadogLogs.init({ clientToken: "pub0", proxy: `${endpoint}/datadog`, forwardErrorsToLogs: true, service: "shop" });
  return (message, context) => datadogLogs.logger.info(message, context);
};
