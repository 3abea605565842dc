/**
 * Logs JSON lines to stdout. Never log a payload, a password or a token. `LOG_LEVEL`: a pino level, default `info`.
 */
import { pino } from "pino";
import { omitEmpty } from "#contract/check/omit-empty.ts";
import { createLogOutput } from "./log-output.ts";

const STDOUT = 1;

const output = createLogOutput(STDOUT, (lines) => logger.warn({ lines }, "log lines could not be written"));

export const logger = pino({ name: "relay", level: omitEmpty(process.env)["LOG_LEVEL"] ?? "info" }, output);

export type Logger = typeof logger;
