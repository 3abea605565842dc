/**
 * Calls back on Ctrl-C, SIGTERM or a closed terminal. One keystroke may arrive several times, by way of the terminal's
 * process group, npm and the bootstrap: signals close together are one. A later one means that somebody is in a hurry.
 */
const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
const ONE_KEYSTROKE_MS = 500;

export interface StopHandlers {
  readonly onFirst: () => void;
  readonly onSecond: () => void;
}

export const onStopSignal = ({ onFirst, onSecond }: StopHandlers): void => {
  let firstAt: number | undefined;
  const handle = (): void => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      onFirst();
    } else if (now - firstAt > ONE_KEYSTROKE_MS) {
      onSecond();
    }
  };
  for (const signal of SIGNALS) process.on(signal, handle);
};
