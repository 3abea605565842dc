/** Code that runs in the page, which loads this file as a module, without its types. */

type Log = (message: string, context: object) => void;

export interface Where {
  readonly endpoint: string;
  readonly mqttUrl: string;
  readonly app: string;
  readonly key: string;
}

export interface Begin extends Where {
  readonly script: string;
}

export interface Begun {
  /** Loading over loopback, compiling and running the modules. */
  readonly loadMs: number;
  readonly startMs: number;
}

declare global {
  interface Window {
    benchLog: Log;
  }
}

export const begin = async ({ script, ...where }: Begin): Promise<Begun> => {
  const begunMs = performance.now();
  const { start } = (await import(script)) as { start: (where: Where) => Log };
  const loadedMs = performance.now();
  window.benchLog = start(where);
  return { loadMs: loadedMs - begunMs, startMs: performance.now() - loadedMs };
};

/** About 200 bytes of JSON with time and level; each is different, as in real apps. */
const toArgs = (word: string, i: number): [string, object] => {
  const mixed = Math.imul(i + 1, 0x9e3779b1) >>> 0;
  return [
    `${word} ${i} placed`,
    {
      "order.id": `o-${mixed.toString(16)}`,
      "order.total": (mixed % 100_000) / 100,
      "cart.items": 1 + (i % 7),
      "payment.method": ["card", "invoice", "wallet"][i % 3],
      "page.route": "/checkout/payment",
      "duration.ms": mixed % 2_000,
    },
  ];
};

export interface Bursts {
  /** The first word of each message, by which the collector recognises a log. */
  readonly word: string;
  readonly bursts: number;
  readonly burst: number;
  readonly gapMs: number;
}

/** Logs in bursts; returns the time within the calls of each burst, per log, in µs. */
export const logBursts = ({ word, bursts, burst, gapMs }: Bursts): Promise<number[]> =>
  new Promise((resolve) => {
    const costsUs: number[] = [];
    const timer = setInterval(() => {
      const log = window.benchLog;
      // The page creates the messages, so the time for that is not measured.
      const calls = Array.from({ length: burst }, (_, i) => toArgs(word, costsUs.length * burst + i));
      const begunMs = performance.now();
      for (const [message, context] of calls) log(message, context);
      costsUs.push(((performance.now() - begunMs) * 1_000) / burst);
      if (costsUs.length < bursts) return;
      clearInterval(timer);
      resolve(costsUs);
    }, gapMs);
  });

export type LoopKind = "dispatched in one task" | "thrown, one task each";

export interface ErrorLoop {
  readonly kind: LoopKind;
  readonly errors: number;
}

export interface LoopTimes {
  /** Duration of the longest long task (over 50 ms), or 0. */
  readonly longestMs: number;
  readonly longTasks: number;
}

const runLoop = ({ kind, errors }: ErrorLoop): Promise<void> =>
  new Promise((resolve) => {
    const toError = (i: number): Error => new TypeError(`Cannot read properties of undefined (reading 'item${i % 7}')`);
    if (kind === "dispatched in one task") {
      for (let i = 0; i < errors; i += 1) {
        const error = toError(i);
        dispatchEvent(new ErrorEvent("error", { error, message: `Uncaught ${error}`, filename: location.href }));
      }
      resolve();
      return;
    }
    for (let i = 0; i < errors; i += 1) {
      setTimeout(() => {
        if (i === errors - 1) resolve();
        throw toError(i);
      });
    }
  });

export const loopErrors = async (loop: ErrorLoop): Promise<LoopTimes> => {
  const durationsMs: number[] = [];
  const collect = (entries: PerformanceEntryList): void => {
    for (const { duration } of entries) durationsMs.push(duration);
  };
  const observer = new PerformanceObserver((list) => collect(list.getEntries()));
  observer.observe({ type: "longtask" });
  // The loop gets a separate task, and the work that it starts gets time to finish.
  await new Promise((resolve) => setTimeout(resolve, 100));
  await runLoop(loop);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  collect(observer.takeRecords());
  observer.disconnect();
  return { longestMs: Math.max(0, ...durationsMs), longTasks: durationsMs.length };
};
