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

/** Far longer than a job takes. A run that takes longer waits for something that does not come. */
export const MAX_RUN_MINUTES = 10;

export interface CronSchedule {
  readonly lines: readonly string[];
  /**
   * Runs the job of a line. Must not reject. It is not called again while an earlier run of the line is in progress, for at most
   * {@link MAX_RUN_MINUTES}.
   */
  readonly run: (line: string, scheduledMs: number) => Promise<void>;
  /** Called once for a run that has not ended after {@link MAX_RUN_MINUTES}. */
  readonly onOverdue?: (line: string) => void;
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
export const startCronSchedule = ({ lines, run, onOverdue, clock = SYSTEM_CLOCK }: CronSchedule): (() => void) => {
  /** Minutes that each run has taken. They are counted, because the clock may be set. */
  const running = new Map<string, { minutes: number }>();
  const start = (line: string): void => {
    if (running.has(line)) return;
    const started = { minutes: 0 };
    running.set(line, started);
    void run(line, clock.now()).finally(() => {
      if (running.get(line) === started) running.delete(line);
    });
  };
  const endOverdue = (): void => {
    for (const [line, started] of running) {
      started.minutes += 1;
      if (started.minutes < MAX_RUN_MINUTES) continue;
      running.delete(line);
      onOverdue?.(line);
    }
  };
  const startDue = (): void => {
    endOverdue();
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
