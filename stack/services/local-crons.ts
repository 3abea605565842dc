/**
 * Runs the Worker's cron jobs on this machine, where no Cloudflare trigger exists: alerts are checked each minute, and
 * retention runs each hour. Also runs all jobs once at the start, because a laptop may have been asleep.
 */
import { join } from "node:path";
import { unstable_readConfig } from "wrangler";
import { MINUTE_MS } from "#contract/wire/durations.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";

/** Path at which workerd accepts a cron event in development. */
const SCHEDULED_PATH = "/cdn-cgi/handler/scheduled";

/** The cron lines of wrangler.toml. */
export const readCronLines = (): readonly string[] =>
  unstable_readConfig({ config: join(ROOT_DIR, "wrangler.toml") }).triggers.crons ?? [];

/**
 * Whether a cron line is due in the minute of `time`. Only the first field may differ from `*`, and must be a number: a line
 * that this function does not understand throws.
 */
export const isCronDue = (line: string, time: Date): boolean => {
  const [, minute] = /^(\*|\d{1,2}) \* \* \* \*$/.exec(line) ?? [];
  if (minute === undefined) throw new Error(`The cron line "${line}" is not supported by npm start.`);
  return minute === "*" || Number(minute) === time.getUTCMinutes();
};

/** Starts the schedule. Returns a function that stops it. A job that fails is reported by the Worker and runs again. */
export const startLocalCrons = (workerUrl: string): (() => void) => {
  const lines = readCronLines();
  const controller = new AbortController();
  const trigger = async (line: string): Promise<void> => {
    const url = new URL(SCHEDULED_PATH, workerUrl);
    url.searchParams.set("cron", line);
    url.searchParams.set("time", String(Date.now()));
    // The Worker may be restarting; the next minute is another attempt.
    await fetch(url, { signal: controller.signal }).then(
      (response) => response.body?.cancel(),
      () => undefined,
    );
  };
  const triggerDue = (isDue: (line: string) => boolean): void => {
    for (const line of lines) if (isDue(line)) void trigger(line);
  };
  triggerDue(() => true);
  let timer: ReturnType<typeof setTimeout>;
  const schedule = (): void => {
    timer = setTimeout(
      () => {
        const now = new Date();
        triggerDue((line) => isCronDue(line, now));
        schedule();
      },
      MINUTE_MS - (Date.now() % MINUTE_MS) + 1,
    );
  };
  schedule();
  return () => {
    clearTimeout(timer);
    controller.abort();
  };
};
