/**
 * Logs JSON lines to stdout. Never log a payload, a password or a token. `LOG_LEVEL`: a pino level, default `info`. The Worker's
 * own lines are written by worker/src/logger.ts.
 */
import { writeSync } from "node:fs";
import { pino } from "pino";
import { createLogOutput } from "#contract/check/log-output.ts";
import { omitEmpty } from "#contract/check/omit-empty.ts";

const STDOUT = 1;

const output = createLogOutput(
  (bytes, start) => writeSync(STDOUT, bytes, start),
  (lines) => logger.warn({ lines }, "log lines could not be written"),
);

export const logger = pino({ name: "server", level: omitEmpty(process.env)["LOG_LEVEL"] ?? "info" }, output);

export type Logger = Pick<typeof logger, "info" | "warn" | "error">;
