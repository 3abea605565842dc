/**
 * A budget, for example of bytes, that concurrent requests share. A request waits until its share fits, and gives it back when it
 * ends.
 */

/** A request's share of a {@link FairBudget}. */
export interface Share {
  /** Releases all but `amount`. */
  shrink(amount: number): void;
  /** Gives the share back. Further calls have no effect. */
  release(): void;
}

export interface FairBudgetOptions {
  readonly total: number;
  /**
   * The most that an owner may hold, so that others can get a share. At least as large as the largest
   * share.
   */
  readonly maxForOwner: (owner: string) => number;
  /** How long a request waits for its share. */
  readonly maxWaitMs: number;
  /**
   * After this time a share counts as released. The runtime can end a request without running its `finally` blocks; its
   * share would otherwise be lost until the isolate ends. Longer than a request takes.
   */
  readonly maxHoldMs: number;
}

interface Holding {
  readonly owner: string;
  readonly expiresAtMs: number;
  amount: number;
}

interface Waiter {
  readonly owner: string;
  readonly amount: number;
  /** After this time another request removes it. */
  readonly expiresAtMs: number;
  /** Ends the wait. */
  readonly settle: (share: Share | undefined) => void;
}

/**
 * A waiting request is removed after `maxWaitMs` by its own timer. The timer does not run if the runtime has ended the request; then
 * another request removes it after this additional time.
 */
const TIMER_GRACE_MS = 1_000;

export class FairBudget {
  readonly #options: FairBudgetOptions;
  readonly #holdings = new Set<Holding>();
  readonly #waiters = new Set<Waiter>();

  constructor(options: FairBudgetOptions) {
    this.#options = options;
  }

  /** The shares of the requests in progress. */
  get held(): number {
    let sum = 0;
    for (const { amount } of this.#holdings) sum += amount;
    return sum;
  }

  /**
   * Waits for a share of `amount`. The next share goes to the owner that holds the least, and to the oldest request
   * among equals, so that an owner with few requests does not wait for those of a busy one. Resolves to `undefined` after
   * `maxWaitMs`.
   *
   * @param owner The app, or another name for the origin of the request.
   */
  async acquire(amount: number, owner: string): Promise<Share | undefined> {
    const wanted = Math.min(amount, this.#options.maxForOwner(owner));
    const { maxWaitMs } = this.#options;
    const { promise, resolve } = Promise.withResolvers<Share | undefined>();
    const expiresAtMs = Date.now() + maxWaitMs + TIMER_GRACE_MS;
    const waiter: Waiter = { owner, amount: wanted, expiresAtMs, settle: resolve };
    this.#waiters.add(waiter);
    this.#grantWaiters();
    if (!this.#waiters.has(waiter)) return await promise;
    const timer = setTimeout(() => {
      this.#waiters.delete(waiter);
      resolve(undefined);
    }, maxWaitMs);
    const share = await promise;
    // The timer is cleared here and not where the share is granted, because in workerd a timer belongs to the request
    // that started it.
    clearTimeout(timer);
    return share;
  }

  /** The waiting request whose turn it is. */
  #next(): Waiter | undefined {
    if (this.#waiters.size === 0) return undefined;
    const heldBy = new Map<string, number>();
    for (const { owner, amount } of this.#holdings) heldBy.set(owner, (heldBy.get(owner) ?? 0) + amount);
    let next: Waiter | undefined;
    let leastHeld = Number.POSITIVE_INFINITY;
    for (const waiter of this.#waiters) {
      const held = heldBy.get(waiter.owner) ?? 0;
      if (held >= leastHeld || held + waiter.amount > this.#options.maxForOwner(waiter.owner)) continue;
      next = waiter;
      leastHeld = held;
    }
    return next;
  }

  #expire(): void {
    const nowMs = Date.now();
    for (const holding of this.#holdings) if (holding.expiresAtMs <= nowMs) this.#holdings.delete(holding);
    // In the order of their requests, so the first one expires first.
    for (const waiter of this.#waiters) {
      if (waiter.expiresAtMs > nowMs) break;
      this.#waiters.delete(waiter);
      waiter.settle(undefined);
    }
  }

  #grantWaiters(): void {
    this.#expire();
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      // Others do not overtake the request whose turn it is: a large share would otherwise never fit.
      if (this.held + next.amount > this.#options.total) return;
      this.#waiters.delete(next);
      next.settle(this.#hold(next.owner, next.amount));
    }
  }

  #hold(owner: string, amount: number): Share {
    const holding: Holding = { owner, amount, expiresAtMs: Date.now() + this.#options.maxHoldMs };
    this.#holdings.add(holding);
    return {
      shrink: (rest) => {
        holding.amount = Math.min(holding.amount, rest);
        this.#grantWaiters();
      },
      release: () => {
        this.#holdings.delete(holding);
        this.#grantWaiters();
      },
    };
  }
}
