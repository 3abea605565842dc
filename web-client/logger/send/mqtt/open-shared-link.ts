/**
 * A link through the SharedWorker of this origin, so that all its tabs share one connection.
 */
import { newId } from "../../event/new-id.ts";
import { startSharedLinkWorker } from "../../platform-workers.ts";
import { locks, startTimer, stopTimer } from "../../platform.ts";
import type { Link, OpenResult, SendResult } from "../link.ts";
import type { FromTab, FromWorker, SharedLogin } from "./shared-link-protocol.ts";

/** Resolves with `undefined` where the SharedWorker cannot be used: no such API, or its script cannot be loaded. */
export const openSharedLink = async (login: SharedLogin, signal: AbortSignal): Promise<OpenResult | undefined> => {
  const lockManager = locks();
  if (!lockManager) return undefined;
  let worker: SharedWorker;
  try {
    worker = startSharedLinkWorker();
  } catch {
    return undefined; // no such API, a script of another origin, or forbidden by the Content-Security-Policy
  }
  const { port } = worker;
  const post = (message: FromTab): void => port.postMessage(message);
  const tabLock = `edgelog ${newId()}`;
  const ended = new AbortController();
  const pending = new Map<string, (result: SendResult) => void>();
  const opened = Promise.withResolvers<OpenResult["state"] | undefined>();
  const closed = Promise.withResolvers<void>();

  const end = (): void => {
    ended.abort();
    closed.resolve();
    opened.resolve("failed");
    for (const settle of pending.values()) settle({ state: "retry", afterMs: 0 });
    pending.clear();
    port.close();
  };
  const close = (): void => {
    post({ type: "leave" });
    end();
  };
  const holdLock = (): Promise<void> =>
    new Promise((resolve, reject) => {
      lockManager
        .request(tabLock, () => {
          resolve();
          return closed.promise;
        })
        .catch(reject);
    });

  const readyTimer = startTimer(() => opened.resolve(undefined), login.connectTimeoutMs);
  worker.addEventListener("error", () => opened.resolve(undefined));
  // Setting onmessage also starts the port.
  port.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.type === "ready") {
      stopTimer(readyTimer);
      // Rejects when this side ends first.
      lockManager.request(data.workerLock, { signal: ended.signal }, end).catch(() => {});
      holdLock().then(
        () => post({ type: "join", login, tabLock }),
        () => opened.resolve(undefined),
      );
    } else if (data.type === "opened") opened.resolve(data.state);
    else if (data.type === "closed") end();
    else {
      pending.get(data.id)?.(data.result);
      pending.delete(data.id);
    }
  };
  signal.addEventListener("abort", close, { once: true });
  const state = await opened.promise;
  signal.removeEventListener("abort", close);
  stopTimer(readyTimer);
  if (state !== "open" || signal.aborted) {
    close();
    return state === undefined ? undefined : { state: state === "open" ? "failed" : state };
  }
  const link: Link = {
    kind: "mqtt",
    closed: closed.promise,
    close,
    send: (batch) =>
      new Promise((resolve) => {
        if (ended.signal.aborted) return resolve({ state: "retry" });
        pending.set(batch.id, resolve);
        post({ type: "send", batch });
      }),
  };
  return { state, link };
};
