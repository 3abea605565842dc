/**
 * Entry point of the server for one host. On SIGTERM and SIGINT it finishes the requests in progress before it exits, on
 * SIGHUP it reads the certificate again. If its KV file is replaced, it exits with 1, so that a supervisor starts it again.
 */
import { join } from "node:path";
import closeWithGrace from "close-with-grace";
import { omitEmpty } from "#contract/check/omit-empty.ts";
import { assertClock } from "./assert-clock.ts";
import { logger } from "./logger.ts";
import { readSecretFiles } from "./secret-files.ts";
import { parseServerConfig } from "./server-config.ts";
import { startServer } from "./start-server.ts";
import { messageOf } from "../src/message-of.ts";

/** Time to close files and connections, after the time for requests. */
const CLOSE_MARGIN_MS = 3_000;

try {
  assertClock(import.meta.filename);
  const config = parseServerConfig(readSecretFiles(omitEmpty(process.env)));
  // `npm run build:server` puts the pages next to the program.
  const server = await startServer({ pagesDir: join(import.meta.dirname, "pages"), ...config }, logger);
  logger.info({ url: server.url, tlsPort: server.tlsPort }, "server started");
  process.on("SIGHUP", () => void server.reload());
  // One failed request must not end all others.
  process.on("unhandledRejection", (error) => {
    logger.error(
      { error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      "unhandled rejection",
    );
  });
  const closing = closeWithGrace(
    { delay: config.drainMs + CLOSE_MARGIN_MS, logger: false, skip: ["SIGHUP", "unhandledRejection"] },
    async ({ err, signal, manual }) => {
      if (err) logger.fatal({ error: err.message, stack: err.stack }, "the server crashed");
      else logger.info({ signal }, "stopping");
      const isInTime = await server.stop();
      if (!isInTime) throw new Error("requests were still in progress");
      logger.info("stopped");
      // Exit code 1: some supervisors restart failed processes only.
      if (manual) throw new Error("a restart is needed");
    },
  );
  void server.restartNeeded.then(() => closing.close());
} catch (error) {
  logger.fatal({ error: messageOf(error) }, "the server cannot start");
  process.exitCode = 1;
}
