/**
 * The relay as a process: settings in, signals out. SIGTERM finishes what is in hand.
 */
import closeWithGrace from "close-with-grace";
import { parseConfig } from "./config.ts";
import { takeHandover } from "./handover-file.ts";
import { startHttpServer } from "./http-server.ts";
import { logger } from "./logger.ts";
import { startRelay } from "./start-relay.ts";

/** On top of the time to finish what is in hand: for the DISCONNECT. */
const CLOSE_MARGIN_MS = 4_000;

const config = parseConfig(process.env);
const { handoverFile } = config;
const handed =
  handoverFile === undefined
    ? []
    : await takeHandover(handoverFile).catch((error: unknown) => {
        logger.error(
          { error: String(error) },
          "what the relay before left can't be read: events without ids may be doubled",
        );
        return [];
      });
const relay = startRelay(config, logger, handed);
const server = await startHttpServer(relay, config.http);
logger.info({ broker: config.broker.url, worker: config.worker.url }, "relay started");

closeWithGrace({ delay: config.drainDeadlineMs + CLOSE_MARGIN_MS, logger: false }, async ({ err, signal }) => {
  if (err) logger.fatal({ error: err.message, stack: err.stack }, "the relay failed");
  else logger.info({ signal }, "stopping");
  server.close();
  await relay.stop();
  logger.info("stopped");
});
