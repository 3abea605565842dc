/**
 * HTTP as a link. Compressing and asking are most of what HTTP costs a page's thread: a Worker does them while batches
 * come. The page itself posts small ones, the first ones while MQTT may be on its way, and all where no Worker can be had.
 */
import { isWorthGzip } from "../gzip.ts";
import type { Delivery, Link, Parcel } from "../link.ts";
import { createPost, type PostOptions } from "./post.ts";
import type { FromPostWorker, ToPostWorker } from "./post-worker.ts";
import { readAnswer } from "./read-response.ts";

/** Batches after which MQTT would be there. */
const MQTT_COMES = 2;
/** A Worker is not started for less: that costs the page as much as posting a few small batches. */
const WORTH_A_WORKER = 4_096;
/** What the Worker may take beyond the time that a request may. */
const GRACE_MS = 5_000;
/** An idle Worker ends. */
const REST_MS = 30_000;

/**
 * Always open. `isOnlyWay` tells whether no MQTT is on its way. `close` ends the Worker once it has answered; what is sent
 * later is posted by the page.
 */
export const createHttpLink = (options: PostOptions, isOnlyWay: () => boolean): Link => {
  const { fetch: ownFetch, ...login } = options;
  const post = createPost(options);
  const pending = new Map<string, (delivery?: Delivery) => void>();
  // A Worker has no thread to spare its page, and cannot be given a function.
  let canHaveWorker = "document" in globalThis && !ownFetch;
  let sent = 0;
  /** Whether the Worker has ever had an answer: only then is the network to blame when it has none. */
  let hasReached = false;
  let worker: Worker | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;

  const end = (): void => {
    clearTimeout(silence);
    worker?.terminate();
    worker = undefined;
    for (const settle of pending.values()) settle();
    pending.clear();
  };
  const giveUp = (): void => {
    canHaveWorker = false;
    end();
  };
  const watch = (): void => {
    clearTimeout(silence);
    if (pending.size > 0) silence = setTimeout(giveUp, login.timeoutMs + GRACE_MS);
    else if (canHaveWorker) silence = setTimeout(end, REST_MS);
    else end();
  };

  const open = (): Worker => {
    // In this form bundlers know it and take the script along.
    const opened = new Worker(new URL("./post-worker.ts", import.meta.url), { type: "module", name: "edgelog" });
    opened.onerror = giveUp;
    opened.onmessage = ({ data: { id, delivery } }: MessageEvent<FromPostWorker>) => {
      pending.get(id)?.(delivery);
      pending.delete(id);
      watch();
    };
    return opened;
  };
  /** Resolves with `undefined` when no answer came, or the Worker is not to be had: what became of the parcel is not known. */
  const ask = (parcel: Parcel): Promise<Delivery | undefined> =>
    new Promise((resolve) => {
      try {
        worker ??= open();
        const message: ToPostWorker = { login, parcel };
        worker.postMessage(message); // oxlint-disable-line unicorn/require-post-message-target-origin -- a Worker
        pending.set(parcel.id, resolve);
        if (pending.size === 1) watch();
      } catch {
        giveUp(); // of another origin, or forbidden by the Content-Security-Policy
        resolve(undefined);
      }
    });

  return {
    kind: "http",
    async send(parcel) {
      sent += 1;
      const { body } = parcel;
      const isDue = worker ?? (body.length > WORTH_A_WORKER && (sent > MQTT_COMES || isOnlyWay()));
      const isAsked = canHaveWorker && isDue && isWorthGzip(body);
      if (isAsked) {
        const delivery = await ask(parcel);
        hasReached ||= delivery !== undefined;
        if (delivery) return delivery;
        if (hasReached && canHaveWorker) return { state: "retry" };
      }
      const response = await post(body);
      // Its own policy may forbid it what the page's allows.
      if (response && isAsked && !hasReached) giveUp();
      return readAnswer(response);
    },
    closed: new Promise(() => {}),
    close() {
      canHaveWorker = false;
      watch();
    },
  };
};
