/**
 * One supervised program. It is restarted with exponential backoff when it exits unexpectedly. Only the first start can
 * fail, with the reason.
 */
import { EventEmitter, once } from "node:events";
import { ExponentialBackoff, handleWhenResult, retry } from "cockatiel";
import { StackError } from "../lib/stack-error.ts";
import type { ServiceName } from "../lib/stack-file.ts";
import { stopGroup, signalGroup } from "./process-group.ts";
import { prepareLog } from "./service-log.ts";
import { runProcess, type Program, type RunOutcome } from "./run-process.ts";

const FIRST_RETRY_MS = 150;
const LONGEST_RETRY_MS = 10_000;
/** The backoff is reset when a process exits after it was ready for this long. */
const STABLE_AFTER_MS = 5_000;

const FATAL_SIGNALS: readonly NodeJS.Signals[] = ["SIGKILL", "SIGTERM", "SIGINT", "SIGQUIT", "SIGABRT"];

export interface ServiceOptions extends Program {
  readonly name: ServiceName;
  readonly stopDeadlineMs: number;
  /** Called with the id of each new process, and with `undefined` when it has exited. */
  readonly onProcess?: ((name: ServiceName, pid: number | undefined) => void) | undefined;
  /** Called with the reason when a run never became ready, before the next run. Returns whether it fixed the cause. */
  readonly repair?: ((problem: string) => Promise<boolean>) | undefined;
  /** Called each time a process has become ready. */
  readonly onReady?: ((pid: number) => void) | undefined;
}

export interface Service extends AsyncDisposable {
  readonly name: string;
  readonly pid: number | undefined;
  /** Sends a signal to the process group. The service restarts if the signal terminates it. */
  kill(signal: NodeJS.Signals): void;
  /** Stops the service gracefully; it is not restarted. */
  stop(): Promise<void>;
  /** Starts the service if it is stopped; resolves when it is ready. Throws when the first run fails. */
  start(): Promise<void>;
  /** Resolves when the service is ready, also after a restart in progress. Throws when it is stopped. */
  ready(): Promise<void>;
}

const wasStable = (outcome: RunOutcome): boolean => outcome.wasReady && outcome.readyForMs > STABLE_AFTER_MS;

type ServiceState = "stopped" | "starting" | "ready" | "stopping";

export const createService = (options: ServiceOptions): Service => {
  const { name } = options;
  const events = new EventEmitter<{ change: [] }>().setMaxListeners(0);
  let state: ServiceState = "stopped";
  let pid: number | undefined;
  /** Why the last run never became ready; cleared when a run does. */
  let problem: string | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopping = new AbortController();

  const isIn = (expected: ServiceState): boolean => state === expected;
  const setState = (next: ServiceState): void => {
    state = next;
    events.emit("change");
  };

  const runOnce = async (): Promise<RunOutcome> => {
    const outcome = await runProcess(options, {
      onSpawn: (spawned) => {
        pid = spawned;
        options.onProcess?.(name, spawned);
        // stop() was called during the spawn and had no process to signal.
        if (state === "stopping") signalGroup(spawned, "SIGTERM");
      },
      onReady: () => {
        if (state !== "starting" || pid === undefined) return;
        problem = undefined;
        options.onReady?.(pid);
        setState("ready");
      },
    });
    pid = undefined;
    options.onProcess?.(name, undefined);
    if (!outcome.wasReady && (await options.repair?.(outcome.problem)) !== true) problem = outcome.problem;
    if (state !== "stopping") setState("starting");
    return outcome;
  };

  const keepRunning = async ({ signal }: AbortController): Promise<void> => {
    const policy = retry(
      handleWhenResult((outcome) => !signal.aborted && !wasStable(outcome as RunOutcome)),
      {
        maxAttempts: Number.POSITIVE_INFINITY,
        backoff: new ExponentialBackoff({ initialDelay: FIRST_RETRY_MS, maxDelay: LONGEST_RETRY_MS }),
      },
    );
    const aborted = once(signal, "abort");
    let current: Promise<unknown> = Promise.resolve();
    const run = (): Promise<RunOutcome> => {
      const outcome: Promise<RunOutcome> = signal.aborted
        ? Promise.resolve({ wasReady: true, readyForMs: 0 })
        : runOnce();
      current = outcome.catch(() => undefined);
      return outcome;
    };
    while (!signal.aborted) await Promise.race([policy.execute(run), aborted]);
    await current;
    setState("stopped");
  };

  const ready = async (): Promise<void> => {
    while (state === "starting") await once(events, "change");
    if (state !== "ready") throw new StackError(`${name} is not running.`);
  };

  const stop = async (): Promise<void> => {
    if (state === "stopped") return;
    if (state !== "stopping") {
      setState("stopping");
      stopping.abort();
      if (pid !== undefined) await stopGroup(pid, options.stopDeadlineMs);
    }
    await running;
  };

  return {
    name,
    get pid() {
      return pid;
    },
    kill: (signal) => {
      if (pid === undefined) return;
      if (state === "ready" && FATAL_SIGNALS.includes(signal)) setState("starting");
      signalGroup(pid, signal);
    },
    stop,
    start: async () => {
      if (state === "stopping") await running;
      if (state !== "stopped") return ready();
      await prepareLog(options.log);
      problem = undefined;
      stopping = new AbortController();
      setState("starting");
      running = keepRunning(stopping);
      running.catch(() => undefined);
      while (isIn("starting") && problem === undefined) await Promise.race([once(events, "change"), running]);
      if (problem === undefined) return ready();
      const reason: string = problem;
      await stop();
      throw new StackError(reason);
    },
    ready,
    [Symbol.asyncDispose]: stop,
  };
};
