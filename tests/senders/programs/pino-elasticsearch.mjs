/** pino-elasticsearch. */
import { once } from "node:events";
import pino from "pino";
import pinoElasticsearch from "pino-elasticsearch";

const { SENDER_URL, SENDER_APP: username, SENDER_KEY: password, SENDER_TOKEN: token } = process.env;
const count = Number(process.env.SENDER_COUNT);
const stream = pinoElasticsearch({
  node: `${SENDER_URL}/elasticsearch`,
  auth: { username, password },
  index: "checkout-%{DATE}",
  flushBytes: 50_000,
});
const logger = pino({ level: "trace", name: "checkout" }, stream);
for (let n = 0; n < count - 4; n += 1) logger.info(`event ${n} ${token}`);
logger.warn({ trace_id: "5b8efff798038103d269b633813fc60c" }, `Grüße 😀 日本 ${token}`);
logger.error(new TypeError("no card"), `failed ${token}`);
logger.trace(`lowest ${token}`);
logger.fatal(`highest ${token}`);
stream.on("insertError", () => undefined);
stream.on("error", () => undefined);
stream.end();
await once(stream, "insert");
