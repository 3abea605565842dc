/** A proxy between the Worker and OpenSearch that records the paths of all requests. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";

export interface StoreProxy extends AsyncDisposable {
  readonly url: string;
  readonly paths: readonly string[];
}

export const startStoreProxy = async (target: string): Promise<StoreProxy> => {
  const thread = new Worker(new URL("./store-proxy-thread.ts", import.meta.url), { workerData: target });
  const [url] = (await once(thread, "message")) as [string];
  const paths: string[] = [];
  thread.on("message", (path: string) => paths.push(path));
  return {
    url,
    paths,
    async [Symbol.asyncDispose]() {
      const exit = once(thread, "exit");
      thread.postMessage("stop", []);
      await exit;
    },
  };
};
