/** The thread of the proxy: the attacker's work in this process must not delay the Worker's requests to OpenSearch. */
import { parentPort, workerData } from "node:worker_threads";
import { startBreakingProxy } from "../support/breaking-proxy.ts";

const port = parentPort;
if (port === null) throw new Error("This file is the program of a worker thread.");

const proxy = await startBreakingProxy(workerData as string, (path) => {
  port.postMessage(path);
  return undefined;
});
port.once("message", () => void proxy[Symbol.asyncDispose]().then(() => port.close()));
port.postMessage(proxy.url);
