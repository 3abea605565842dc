/**
 * The relay as a process: settings in, signals out. SIGTERM finishes what is in hand.
 */
import closeWithGrace from "close-with-grace";
import { parseConfig } from "./config.ts";
import { startHttpServer } from "./http-server.ts";
import { logger } from "./logger.ts";
import { startRelay } from "./relay.ts";

const CLOSE_DEADLINE_MS = 14_000;

const config = parseConfig(process.env);
const relay = startRelay(config, logger);
const server = await startHttpServer(relay, config.http);
logger.info({ broker: config.broker.url, worker: config.worker.url }, "relay started");

closeWithGrace({ delay: CLOSE_DEADLINE_MS, logger: false }, async ({ err, signal }) => {
  if (err) logger.fatal({ error: err.message, stack: err.stack }, "the relay failed");
  else logger.info({ signal }, "stopping");
  server.close();
  await relay.stop();
  logger.info("stopped");
});
