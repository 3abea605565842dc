/**
 * Starts the logger's Workers. Separate from platform.ts, because the Workers' scripts import that file, and Vite
 * rejects a Worker whose script refers to itself.
 *
 * Bundlers recognise only `new Worker(new URL(…, import.meta.url))` written like this, and then bundle the script.
 */

/** A Worker that compresses and posts batches. Throws where Workers are missing or forbidden. */
export const startPostWorker = (): Worker =>
  new Worker(new URL("./send/http/post-worker.ts", import.meta.url), { type: "module", name: "edgelog" });

/** The SharedWorker that holds the MQTT connection. Throws where SharedWorkers are missing or forbidden. */
export const startSharedLinkWorker = (): SharedWorker =>
  new SharedWorker(new URL("./send/mqtt/shared-link-worker.ts", import.meta.url), {
    type: "module",
    name: "edgelog-mqtt",
  });
