/**
 * Runs the Worker's cron jobs on this machine, where no Cloudflare trigger exists: alerts are checked each minute, and
 * retention runs each hour. Also runs all jobs once at the start, because a laptop may have been asleep.
 */
import { startCronSchedule } from "../../worker/node/cron-schedule.ts";
import { readWranglerConfig, WRANGLER_TOML } from "../lib/wrangler-config.ts";

/** Path at which Miniflare, and the server in Node.js, run a cron line. */
const SCHEDULED_PATH = "/cdn-cgi/local/scheduled";

/** The cron lines of wrangler.toml. */
export const readCronLines = (): readonly string[] => readWranglerConfig(WRANGLER_TOML).triggers?.crons ?? [];

/** Starts the schedule. Returns a function that stops it. A job that fails is reported by the Worker and runs again. */
export const startLocalCrons = (workerUrl: string): (() => void) => {
  const controller = new AbortController();
  const trigger = async (line: string, scheduledMs: number): Promise<void> => {
    const url = new URL(SCHEDULED_PATH, workerUrl);
    url.searchParams.set("cron", line);
    url.searchParams.set("time", String(scheduledMs));
    // The Worker may be restarting; the next minute is another attempt.
    await fetch(url, { signal: controller.signal }).then(
      (response) => response.body?.cancel(),
      () => undefined,
    );
  };
  const stop = startCronSchedule({ lines: readCronLines(), run: trigger });
  return () => {
    stop();
    controller.abort();
  };
};
