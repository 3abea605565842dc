/**
 * A link through the SharedWorker of this origin, so that all its tabs together have one connection.
 */
import type { Delivery, Dialed, Link } from "../link.ts";
import { newId } from "../../event/new-id.ts";
import type { FromTab, FromWorker, SharedLogin } from "./shared-link-protocol.ts";

/** Resolves with `undefined` where there is no such Worker: none in this browser, or its script cannot be had. */
export const dialShared = async (login: SharedLogin, signal: AbortSignal): Promise<Dialed | undefined> => {
  const locks = (globalThis as Partial<typeof globalThis>).navigator?.locks;
  if (!locks) return undefined;
  let worker: SharedWorker;
  try {
    // In this form bundlers know it and take the script along.
    worker = new SharedWorker(new URL("./shared-link-worker.ts", import.meta.url), { type: "module", name: "edgelog" });
  } catch {
    return undefined; // not in this browser, of another origin, or forbidden by the Content-Security-Policy
  }
  const { port } = worker;
  const tell = (message: FromTab): void => port.postMessage(message);
  const tabLock = `edgelog ${newId()}`;
  const ended = new AbortController();
  const pending = new Map<string, (delivery: Delivery) => void>();
  const outcome = Promise.withResolvers<Dialed["state"] | undefined>();
  const closed = Promise.withResolvers<void>();

  const die = (): void => {
    ended.abort();
    closed.resolve();
    outcome.resolve("failed");
    for (const settle of pending.values()) settle({ state: "retry", afterMs: 0 });
    pending.clear();
    port.close();
  };
  const close = (): void => {
    tell({ say: "leave" });
    die();
  };
  const holdLock = (): Promise<void> =>
    new Promise((resolve) => {
      void locks.request(tabLock, () => {
        resolve();
        return closed.promise;
      });
    });

  const hello = setTimeout(() => outcome.resolve(undefined), login.connectTimeoutMs);
  worker.addEventListener("error", () => outcome.resolve(undefined));
  // Assigned: this starts the port as well, and its method `start` has a name that the build shortens.
  port.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.say === "hello") {
      clearTimeout(hello);
      locks.request(data.workerLock, { signal: ended.signal }, die).catch(() => {}); // this side ended first
      void holdLock().then(() => tell({ say: "join", login, tabLock }));
    } else if (data.say === "dialed") outcome.resolve(data.outcome);
    else if (data.say === "closed") die();
    else {
      pending.get(data.id)?.(data.delivery);
      pending.delete(data.id);
    }
  };
  signal.addEventListener("abort", close, { once: true });
  const state = await outcome.promise;
  signal.removeEventListener("abort", close);
  clearTimeout(hello);
  if (state !== "open" || signal.aborted) {
    close();
    return state === undefined ? undefined : { state: state === "open" ? "failed" : state };
  }
  const link: Link = {
    kind: "mqtt",
    closed: closed.promise,
    close,
    send: (parcel) =>
      new Promise((resolve) => {
        if (ended.signal.aborted) return resolve({ state: "retry" });
        pending.set(parcel.id, resolve);
        tell({ say: "send", parcel });
      }),
  };
  return { state, link };
};
