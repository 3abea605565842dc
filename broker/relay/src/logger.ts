/**
 * Logs JSON lines to stdout. Never log a payload, a password or a token. `LOG_LEVEL`: a pino level, default `info`.
 */
import { pino } from "pino";
import { omitEmpty } from "#contract/check/omit-empty.ts";

export const logger = pino({ name: "relay", level: omitEmpty(process.env)["LOG_LEVEL"] ?? "info" });

export type Logger = typeof logger;
