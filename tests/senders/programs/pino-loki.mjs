/** pino's transport for Loki. */
import { once } from "node:events";
import pino from "pino";
import pinoLoki from "pino-loki";

const { SENDER_URL: host, SENDER_APP: username, SENDER_KEY: password, SENDER_TOKEN: token } = process.env;
const count = Number(process.env.SENDER_COUNT);
const stream = pinoLoki({
  host,
  basicAuth: { username, password },
  labels: { app: "checkout" },
  batching: { interval: 1 },
  silenceErrors: false,
});
const logger = pino({ name: "checkout", level: "trace" }, stream);
for (let n = 0; n < count - 4; n += 1) logger.info(`event ${n} ${token}`);
logger.warn({ trace_id: "5b8efff798038103d269b633813fc60c" }, `Grüße 😀 日本 ${token}`);
logger.error(new TypeError("no card"), `failed ${token}`);
logger.trace(`lowest ${token}`);
logger.fatal(`highest ${token}`);
stream.end();
await once(stream, "close");
