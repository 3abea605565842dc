/**
 * The outbox of `edgelog-node` in worker threads: one thread of a process uses a file, until it ends.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { useOutbox } from "../support/node-logger/use-outbox.ts";

/** A thread that cannot open the outbox tries again after 2 seconds. */
const POLL = { interval: 100 };

const outbox = useOutbox();

/** Starts a thread that logs, another one for each text that the test sends, and ends the first one. */
const START_THREADS = `
const { Worker } = await import("node:worker_threads");
const THREAD = \`
  import { parentPort, workerData } from "node:worker_threads";
  const { createLogger } = await import(workerData.module);
  createLogger(workerData.options).info(workerData.text);
  parentPort.on("message", () => process.exit());
\`;
const start = (text) => new Worker(THREAD, { eval: true, workerData: { module, options, text } });
const first = start("first");
process.on("message", ({ text, end }) => {
  if (text) start(text);
  if (end === "terminate") first.terminate();
  if (end === "exit") first.postMessage("");
});
`;

it.each(["terminate", "exit"])("%s: a thread takes over the outbox of one that ended without close()", async (end) => {
  const { child, stderr } = outbox.start(START_THREADS);
  await expect.poll(outbox.readBodies, POLL).toEqual(["first"]);
  child.send({ text: "second" });
  await expect.poll(stderr, POLL).toContain(`The outbox is in use by a worker thread of process ${child.pid} on `);
  expect(await outbox.readBodies()).toEqual(["first"]);
  child.send({ end });
  await expect.poll(outbox.readBodies, POLL).toEqual(["first", "second"]);
});

const COMPETE = fileURLToPath(new URL("../support/node-logger/compete-for-lock.ts", import.meta.url));

it("one of the threads that find the lock of an ended thread at the same time gets it", () => {
  const options = { encoding: "utf8", timeout: 60_000 } as const;
  const { stdout, stderr, status } = spawnSync(process.execPath, [COMPETE, outbox.pathOf("lock")], options);
  if (status !== 0) throw new Error(stderr);
  expect(new Set(JSON.parse(stdout) as number[])).toEqual(new Set([1]));
});
