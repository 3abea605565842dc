/**
 * pino's browser `transmit`: `pino({ browser: { transmit: toPinoTransmit(logger) } })`.
 */
import type { Severity } from "../../contract/severity.ts";
import { SEVERITIES } from "../../contract/severity.ts";
import type { Logger } from "../src/logger.ts";

/** What pino gives to `transmit.send`. */
interface PinoLogEvent {
  readonly messages: readonly unknown[];
  readonly bindings: readonly object[];
}

/** pino's `transmit`. */
export interface PinoTransmit {
  readonly send: (level: string, event: PinoLogEvent) => void;
}

const isSeverity = (level: string): level is Severity => SEVERITIES.some((severity) => severity === level);

/** Levels of a page's own become `info`. */
export const toPinoTransmit = (logger: Logger): PinoTransmit => ({
  send(level, { messages, bindings }) {
    const texts = messages.filter((message) => typeof message !== "object" || message === null);
    const error = messages.find((message) => message instanceof Error);
    const objects = messages.filter((message): message is object => typeof message === "object" && message !== error);
    const { err, ...attributes } = Object.assign({}, ...bindings, ...objects) as { readonly err?: unknown };
    const cause = error ?? (err instanceof Error ? err : undefined);
    const body = texts.length > 0 ? texts.map(String).join(" ") : cause instanceof Error ? cause.message : "";
    logger[isSeverity(level) ? level : "info"](
      body,
      cause === undefined ? attributes : { ...attributes, error: cause },
    );
  },
});
