/** winston's own transport over HTTP. */
import winston from "winston";

const { SENDER_URL: url, SENDER_APP: username, SENDER_KEY: password, SENDER_TOKEN: token } = process.env;
const count = Number(process.env.SENDER_COUNT);
const { hostname: host, port } = new URL(url);
const transport = new winston.transports.Http({
  host,
  port: Number(port),
  path: "/logs",
  auth: { username, password },
  batch: true,
  batchCount: 100,
  batchInterval: 200,
});
const format = winston.format.combine(
  winston.format.timestamp(),
  winston.format.errors({ stack: true }),
  winston.format.json(),
);
const logger = winston.createLogger({
  defaultMeta: { service: "checkout" },
  level: "silly",
  format,
  transports: [transport],
});
for (let n = 0; n < count - 4; n += 1) logger.info(`event ${n} ${token}`);
logger.warn(`Grüße 😀 日本 ${token}`, { trace_id: "5b8efff798038103d269b633813fc60c" });
logger.error(Object.assign(new TypeError(`failed ${token}`), { name: "TypeError" }));
logger.silly(`lowest ${token}`);
logger.error(`highest ${token}`);
// Not ended: winston would lose the logs that the transport has not taken yet. The process ends after the last response.
