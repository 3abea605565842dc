/**
 * The only file of the logger that uses globals of its host: page, storage, locks, clock, timers, network, visibility.
 * A build for another host replaces this file (and platform-workers.ts), see node/build.ts. Lint rejects these globals elsewhere.
 *
 * Importing this file calls nothing. Where the host has no such global, the result is `undefined` or nothing happens, except
 * where a function says that it throws.
 *
 * The published declarations include this file. Functions whose types a Worker or Node.js lacks are marked as internal, which omits them there.
 */
export const host = globalThis as Partial<typeof globalThis> & { readonly importScripts?: object };

/** Name of the package, sent as `telemetry.sdk.name`. */
export const SDK_NAME = "edgelog-web";

/** Pause between two chunks of a page that logs continuously: writing and sending chunks is the most expensive work. */
export const PAUSE_MS = 100;

/** A page that does not log sends the events of earlier pages after this time, so that it can load first. */
export const START_MS = 1_000;

/** The page itself, whose properties are the globals, and which captures wrap or observe. */
export const page = host as typeof globalThis;

/** Milliseconds since the epoch. */
export const now = Date.now;

/** Milliseconds of a clock that never goes back, for durations. */
export const monotonicNow = (): number => performance.now();

export type Timer = ReturnType<typeof setTimeout>;

export const startTimer: (callback: () => void, ms?: number) => Timer = setTimeout;

export const stopTimer: (timer: Timer | undefined) => void = clearTimeout;

/** Calls back after the current task's code. */
export const defer = queueMicrotask;

/** Resolves after `ms`, or as soon as `signal` aborts. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
  });

/** Calls back when the page is idle. Safari has no such event: there it is after 0.2 s. */
export const whenIdle = (callback: () => void): unknown =>
  "requestIdleCallback" in host ? requestIdleCallback(callback, { timeout: 2_000 }) : setTimeout(callback, 200);

/** Adds a listener to the page's window, or to a Worker's global; returns a function that removes it. */
export const listen = (types: readonly string[], listener: (event: never) => void): (() => undefined) => {
  const stopper = new AbortController();
  // Passed as the options of addEventListener, which reads `signal` from it.
  for (const type of types) host.addEventListener?.(type, listener as (event: Event) => void, stopper);
  return () => stopper.abort() as undefined;
};

/** Writes a warning to the console, if there is one. */
export const warn = (text: string): void => host.console?.warn(text);

/** Whether this is a page, and not a Worker or a server. */
export const isPage = (): boolean => "document" in host;

export const isHidden = (): boolean | undefined => host.document?.hidden;

/** Origin of the page, e.g. `https://shop.example.com`. */
export const pageOrigin = (): string | undefined => host.location?.origin;

/**
 * URL of the page without query and fragment, which may contain secrets. `href` does not contain the password of a URL, and is also valid
 * where there is no origin: `about:srcdoc`, `blob:` and `file:` URLs.
 */
export const pageUrl = (): string | undefined => host.location?.href.split(/[?#]/)[0];

/** The URL against which the host resolves relative URLs: in a page the one of `<base>`, if there is one. */
export const baseUrl = (): string | undefined => host.document?.baseURI ?? host.location?.href;

/** W3C trace context of the request that made the page. */
export const pageTraceparent = (): string | undefined =>
  host.document?.querySelector<HTMLMetaElement>("[name=traceparent]")?.content;

export const userAgent = (): string | undefined => host.navigator?.userAgent;

export const language = (): string | undefined => host.navigator?.language;

export type Fetch = typeof fetch;

/** `fetch` of a page or a Worker. A server that renders pages also has one, but must not send logs. */
export const pageFetch = (): Fetch | undefined => (host.document ?? host.importScripts) && host.fetch;

/** A signal that aborts after `ms`. */
export const timeoutSignal = (ms: number): AbortSignal => AbortSignal.timeout(ms);

/** Web Locks. @internal */
export const locks = (): LockManager | undefined => host.navigator?.locks;

/** localStorage. Throws where there is none or the page may not use it. @internal */
export const localStore = (): Storage => localStorage;

/** IndexedDB. Throws where there is none or the page may not use it. @internal */
export const databases = (): IDBFactory => indexedDB;

/** Keys from `lower` to `upper`. @internal */
export const keyRange = (lower: string, upper: string): IDBKeyRange => IDBKeyRange.bound(lower, upper);

/** 64 random bits. */
export const randomBits = (): bigint => crypto.getRandomValues(new BigUint64Array(1))[0] as bigint;

/** Whether {@link gzipText} works here. */
export const canGzip = (): boolean => "CompressionStream" in host;

/** `text` in UTF-8, compressed. Chromium compresses on the calling thread. */
export const gzipText = (text: string): Promise<ArrayBuffer> => {
  const { readable, writable } = new CompressionStream("gzip");
  const writer = writable.getWriter();
  // Errors of the writing side also reject the reading side.
  writer.write(new TextEncoder().encode(text)).catch(() => {});
  writer.close().catch(() => {});
  return new Response(readable).arrayBuffer();
};
