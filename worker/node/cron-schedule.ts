/**
 * Runs cron lines at their times, where no trigger of Cloudflare exists. All lines also run once at the start: the machine
 * may have been off when they were due.
 */
import { MINUTE_MS } from "#contract/wire/durations.ts";

export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls `run` once after `ms`. Returns a function that cancels it. */
  readonly schedule: (run: () => void, ms: number) => () => void;
}

export const SYSTEM_CLOCK: Clock = {
  now: Date.now,
  schedule: (run, ms) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export interface CronSchedule {
  readonly lines: readonly string[];
  /** Runs the job of a line. Must not reject. It is not called again while an earlier run of the line is in progress. */
  readonly run: (line: string, scheduledMs: number) => Promise<void>;
  readonly clock?: Clock;
}

/**
 * Whether a cron line is due in the minute of `time` (UTC). Only the first field may differ from `*`, and must be a number: a
 * line that this function does not understand throws.
 */
export const isCronDue = (line: string, time: Date): boolean => {
  const [, minute] = /^(\*|\d{1,2}) \* \* \* \*$/.exec(line) ?? [];
  if (minute === undefined) throw new Error(`The cron line "${line}" is not supported without Cloudflare.`);
  return minute === "*" || Number(minute) === time.getUTCMinutes();
};

/** Throws for a line that is not supported. Returns a function that stops the schedule; runs in progress continue. */
export const startCronSchedule = ({ lines, run, clock = SYSTEM_CLOCK }: CronSchedule): (() => void) => {
  const running = new Set<string>();
  const start = (line: string): void => {
    if (running.has(line)) return;
    running.add(line);
    void run(line, clock.now()).finally(() => running.delete(line));
  };
  const startDue = (): void => {
    const time = new Date(clock.now());
    for (const line of lines) if (isCronDue(line, time)) start(line);
  };
  let cancel = (): void => undefined;
  const scheduleNext = (): void => {
    cancel = clock.schedule(
      () => {
        startDue();
        scheduleNext();
      },
      MINUTE_MS - (clock.now() % MINUTE_MS) + 1,
    );
  };
  for (const line of lines) isCronDue(line, new Date(clock.now()));
  for (const line of lines) start(line);
  scheduleNext();
  return () => cancel();
};
