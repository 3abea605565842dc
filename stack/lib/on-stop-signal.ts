/**
 * Calls back on Ctrl-C, SIGTERM or a closed terminal. One keystroke can arrive several times, from the terminal's process
 * group, npm and the bootstrap, so signals close together count as one. A later signal requests an immediate exit.
 */
export const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const DUPLICATE_WINDOW_MS = 500;

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
    } else if (now - firstAt > DUPLICATE_WINDOW_MS) {
      onSecond();
    }
  };
  for (const signal of SIGNALS) process.on(signal, handle);
};
