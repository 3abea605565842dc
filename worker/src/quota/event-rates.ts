/**
 * Events of each app by the time of the events, in windows of {@link RATE_WINDOW_MS}. Module state: Cloudflare has no other
 * cheap counter. Each isolate counts separately, like the rate limits of Cloudflare's locations.
 */
import { ERROR_RATE_FACTOR, RATE_WINDOW_MS } from "#contract/wire/quota.ts";
import { SECOND_MS } from "#contract/wire/durations.ts";
import { SEVERITY_NUMBERS, type Severity } from "#contract/wire/severity.ts";

/** Windows of all apps. The oldest is forgotten first. */
const MAX_WINDOWS = 10_000;

export interface EventRates {
  /** Counts an event, unless it exceeds the limit. Returns the key for {@link remove}, or `undefined` if it is not counted. */
  add(app: string, eventsPerSecond: number, severity: Severity, timestampMs: number): string | undefined;
  remove(key: string): void;
}

export const createEventRates = (): EventRates => {
  const windows = new Map<string, number>();
  return {
    add(app, eventsPerSecond, severity, timestampMs) {
      const key = `${app}/${Math.floor(timestampMs / RATE_WINDOW_MS)}`;
      const count = windows.get(key) ?? 0;
      const factor = SEVERITY_NUMBERS[severity] >= SEVERITY_NUMBERS.error ? ERROR_RATE_FACTOR : 1;
      if (count >= (eventsPerSecond * RATE_WINDOW_MS * factor) / SECOND_MS) return undefined;
      if (count === 0 && windows.size >= MAX_WINDOWS) {
        const [oldest] = windows.keys();
        if (oldest !== undefined) windows.delete(oldest);
      }
      windows.set(key, count + 1);
      return key;
    },
    remove(key) {
      const count = windows.get(key);
      if (count !== undefined) windows.set(key, Math.max(count - 1, 0));
    },
  };
};
