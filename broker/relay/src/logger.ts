/**
 * The only file that makes a logger. Lines of JSON; never a payload, a password or a token among the fields.
 */
import { pino } from "pino";

export const logger = pino({ name: "relay", level: process.env["LOG_LEVEL"] ?? "info" });

export type Logger = typeof logger;
