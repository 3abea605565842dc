/** winston-elasticsearch. */
import winston from "winston";
import { ElasticsearchTransport } from "winston-elasticsearch";

const { SENDER_URL, SENDER_APP: username, SENDER_KEY: password, SENDER_TOKEN: token } = process.env;
const count = Number(process.env.SENDER_COUNT);
const transport = new ElasticsearchTransport({
  indexPrefix: "checkout",
  level: "silly",
  flushInterval: 200,
  retryLimit: 40,
  clientOpts: { node: `${SENDER_URL}/elasticsearch`, auth: { username, password } },
});
transport.on("error", () => undefined);
const logger = winston.createLogger({ defaultMeta: { service: "checkout" }, level: "silly", transports: [transport] });
for (let n = 0; n < count - 4; n += 1) logger.info(`event ${n} ${token}`);
logger.warn(`Grüße 😀 日本 ${token}`, { trace_id: "5b8efff798038103d269b633813fc60c" });
logger.error(`failed ${token}`, {
  error: { name: "TypeError", message: "no card", stack: new TypeError("no card").stack },
});
logger.silly(`lowest ${token}`);
logger.error(`highest ${token}`);
await transport.flush();
logger.end();
