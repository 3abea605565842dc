/**
 * A program in which threads compete for a lock whose thread has ended. It writes the number of threads that got it, for each round.
 */
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { takeLock } from "../../../web-client/node/outbox-lock.ts";

const THREADS = 4;
const ROUNDS = 300;

/** Counters that the threads share. */
const ROUND = 0;
const DONE = 1;
const LOCKED = 2;

interface ThreadData {
  readonly path: string;
  readonly counters: Int32Array;
}

const competeInThread = ({ path, counters }: ThreadData): void => {
  for (let round = 1; round <= ROUNDS; round++) {
    Atomics.wait(counters, ROUND, round - 1);
    if (takeLock(path).state === "locked") Atomics.add(counters, LOCKED, 1);
    Atomics.add(counters, DONE, 1);
    Atomics.notify(counters, DONE);
  }
  // The lock of a thread that ended during the last round would be free.
  Atomics.wait(counters, ROUND, ROUNDS);
};

const startThread = async (data: ThreadData): Promise<Worker> => {
  const thread = new Worker(fileURLToPath(import.meta.url), { workerData: data });
  await once(thread, "online");
  return thread;
};

/** Content of a lock whose thread has ended. */
const lockOfEndedThread = async (path: string): Promise<string> => {
  const counters = new Int32Array(new SharedArrayBuffer(12)).fill(1, ROUND, DONE);
  const thread = await startThread({ path, counters });
  while (Atomics.load(counters, DONE) === 0) Atomics.wait(counters, DONE, 0);
  await thread.terminate();
  return readFileSync(path, "utf8");
};

const compete = async (path: string): Promise<void> => {
  const lock = await lockOfEndedThread(path);
  const counters = new Int32Array(new SharedArrayBuffer(12));
  await Promise.all(Array.from({ length: THREADS }, () => startThread({ path, counters })));
  const locked: number[] = [];
  const startRound = (round: number): void => {
    Atomics.store(counters, ROUND, round);
    Atomics.notify(counters, ROUND);
  };
  for (let round = 1; round <= ROUNDS; round++) {
    writeFileSync(path, lock);
    counters.fill(0, DONE);
    startRound(round);
    for (let done = 0; done < THREADS; done = Atomics.load(counters, DONE)) Atomics.wait(counters, DONE, done);
    locked.push(Atomics.load(counters, LOCKED));
  }
  startRound(ROUNDS + 1);
  process.stdout.write(JSON.stringify(locked));
};

if (isMainThread) await compete(process.argv[2] ?? "");
else competeInThread(workerData as ThreadData);
