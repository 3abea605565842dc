/** A simple handwritten sender: up to 100 logs a request, without storage and retries. */
const MAX_LOGS = 100;
const MAX_AGE_MS = 1_000;

/** Returns a function that takes one log. */
export const createBatchSender = (url) => {
  let list = [];
  let timer;
  const send = () => {
    clearTimeout(timer);
    timer = undefined;
    if (list.length === 0) return;
    const body = JSON.stringify(list);
    list = [];
    void fetch(url, { method: "POST", body, keepalive: true, headers: { "content-type": "application/json" } });
  };
  addEventListener("pagehide", send);
  return (log) => {
    list.push(log);
    if (list.length >= MAX_LOGS) send();
    else timer ??= setTimeout(send, MAX_AGE_MS);
  };
};

/** For clients that do not capture errors. */
export const captureWith = (log) => {
  addEventListener("error", ({ error, message }) => log(String(error?.stack ?? message), {}));
  addEventListener("unhandledrejection", ({ reason }) => log(String(reason?.stack ?? reason), {}));
};
