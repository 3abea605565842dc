/**
 * Entry point of the relay process. On SIGTERM and SIGINT it sends and acknowledges the held messages before it exits.
 */
import closeWithGrace from "close-with-grace";
import { parseConfig } from "./config.ts";
import { listen, serveRelay } from "./http-server.ts";
import { logger } from "./logger.ts";
import { readRelayFiles } from "./read-files.ts";
import { readSecretFiles } from "./secret-files.ts";
import { startRelay } from "./start-relay.ts";
import { startStatusReports } from "./status-reports.ts";

/** Time for the handover file and DISCONNECT, after the drain deadline. */
const CLOSE_MARGIN_MS = 4_000;

const config = parseConfig(readSecretFiles(process.env));
const files = await readRelayFiles(config, logger);
// Before the relay connects to the broker, so that a busy port leaves everything as it was for the next start.
const server = await listen(config.http);
const relay = startRelay(config, logger, files);
serveRelay(server, relay);
const stopReports = startStatusReports({
  worker: config.worker,
  clientId: config.broker.clientId,
  readStatus: relay.readStatus,
});
logger.info({ broker: config.broker.url, worker: config.worker.url }, "relay started");

closeWithGrace({ delay: config.drainDeadlineMs + CLOSE_MARGIN_MS, logger: false }, async ({ err, signal }) => {
  if (err) logger.fatal({ error: err.message, stack: err.stack }, "the relay crashed");
  else logger.info({ signal }, "stopping");
  server.close();
  stopReports();
  await relay.stop();
  logger.info("stopped");
});
