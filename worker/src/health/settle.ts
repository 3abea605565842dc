/** Waits for a check, but not for long. */

/** `GET /healthz` responds within 2 seconds. */
export const CHECK_TIMEOUT_MS = 1_500;

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

/** Never rejects. */
export const toOutcome = <T>(work: Promise<T>): Promise<Outcome<T>> =>
  work.then(
    (value) => ({ ok: true, value }) as const,
    () => ({ ok: false }) as const,
  );

/** Never rejects. Takes at most {@link CHECK_TIMEOUT_MS}. */
export const settle = async <T>(work: Promise<T>): Promise<Outcome<T>> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<Outcome<T>>((done) => {
    timer = setTimeout(() => done({ ok: false }), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([toOutcome(work), timeout]);
  } finally {
    clearTimeout(timer);
  }
};
