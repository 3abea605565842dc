/**
 * The logger's host functions in Node.js: those of the browser's platform.ts, except where Node.js differs. Timers do not keep
 * the process running; `flush` and `close` do while they wait (create-logger.ts).
 */
import { writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { isMainThread } from "node:worker_threads";
import { warn as warnInConsole, type Fetch, type Timer } from "../logger/platform.ts";
import { onProcess } from "./process-events.ts";

export * from "../logger/platform.ts";

export const SDK_NAME = "edgelog-node";

/** No pause: an event is written to the outbox before the next turn of the event loop ends. */
export const PAUSE_MS = 0;

/** The events that earlier processes left are sent at once. */
export const START_MS = 0;

export const startTimer = (callback: () => void, ms?: number): Timer => {
  const timer = setTimeout(callback, ms);
  timer.unref();
  return timer;
};

/** Resolves after `ms`, or as soon as `signal` aborts. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  delay(ms, undefined, { ref: false, ...(signal === undefined ? {} : { signal }) }).catch(() => undefined);

export const whenIdle = (callback: () => void): unknown => startTimer(callback, 0);

/**
 * Writes a warning to standard error. The console of a worker thread, such as pino's, needs the event loop of the main thread, which may
 * wait for the thread to end.
 */
export const warn = (text: string): void => {
  if (isMainThread) {
    warnInConsole(text);
    return;
  }
  try {
    writeSync(2, `${text}\n`);
  } catch {
    warnInConsole(text); // a pipe that is full, for example
  }
};

/** The end of the process is what `pagehide` is for a page. Node.js has no equivalent of the other events. */
export const listen = (types: readonly string[], listener: (event: never) => void): (() => undefined) => {
  const onExit = (): void => (listener as (event: { readonly type: string }) => void)({ type: "pagehide" });
  return types.includes("pagehide") ? onProcess("exit", onExit) : () => undefined;
};

export const pageFetch = (): Fetch => globalThis.fetch;

/** These exist in some versions of Node.js, but describe the runtime instead of a user's browser. */
export const userAgent = (): undefined => undefined;
export const language = (): undefined => undefined;

/** The outbox has its own lock. */
export const locks = (): undefined => undefined;
