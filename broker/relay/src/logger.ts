/**
 * Logs JSON lines to stdout. Never log a payload, a password or a token. `LOG_LEVEL`: a pino level, default `info`.
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

export const logger = pino({ name: "relay", level: omitEmpty(process.env)["LOG_LEVEL"] ?? "info" }, output);

export type Logger = typeof logger;
