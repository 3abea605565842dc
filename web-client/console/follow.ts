/**
 * Asks again and again: a second after each answer while live, slower while it fails, not at all while hidden.
 */

/** Ports of {@link follow}. */
export interface FollowOptions {
  /** One search; resolves to whether it worked. */
  readonly ask: (signal: AbortSignal) => Promise<boolean>;
  readonly isLive: () => boolean;
}

/** What {@link follow} started. */
export interface Follower {
  /** Forgets the question that is under way and asks at once. */
  restart(): void;
  stop(): void;
}

const LIVE_INTERVAL_MS = 1_000;
const MAX_INTERVAL_MS = 15_000;

/** Asks first when `restart` is called. */
export const follow = ({ ask, isLive }: FollowOptions): Follower => {
  let question = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const run = async (): Promise<void> => {
    const { signal } = question;
    try {
      failures = (await ask(signal)) ? 0 : failures + 1;
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (signal.aborted || document.hidden || (!isLive() && failures === 0)) return;
    timer = setTimeout(() => void run(), Math.min(MAX_INTERVAL_MS, LIVE_INTERVAL_MS * 2 ** failures));
  };
  const stop = (): void => {
    question.abort();
    clearTimeout(timer);
  };
  const restart = (): void => {
    stop();
    question = new AbortController();
    void run();
  };
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && isLive()) restart();
  });
  return { restart, stop };
};
