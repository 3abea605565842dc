import { init, logger } from "@sentry/browser";

export const start = ({ endpoint }) => {
  init({ dsn: endpoint.replace("://", "://key@") + "/1", enableLogs: true });
  return logger.info;
};
