/**
 * One program of the stack under supervision: when it ends unasked it is started again, with exponential backoff. Only
 * the first start may fail, and says why.
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
/** A process that was ready for this long ran well: its end starts the backoff anew. */
const RAN_WELL_MS = 5_000;

const ENDING_SIGNALS: readonly NodeJS.Signals[] = ["SIGKILL", "SIGTERM", "SIGINT", "SIGQUIT", "SIGABRT"];

export interface ServiceOptions extends Program {
  readonly name: ServiceName;
  readonly stopDeadlineMs: number;
  /** Told about each process, and `undefined` when it is gone. */
  readonly onProcess?: ((name: ServiceName, pid: number | undefined) => void) | undefined;
  /** Told why a run never was ready, before the next; `true`: the cause is mended. */
  readonly mend?: ((problem: string) => Promise<boolean>) | undefined;
  /** Told each time a process has become ready. */
  readonly onReady?: ((pid: number) => void) | undefined;
}

export interface Service extends AsyncDisposable {
  readonly name: string;
  readonly pid: number | undefined;
  /** Sends a signal to its process group; the supervisor starts it again when that ends it. */
  kill(signal: NodeJS.Signals): void;
  /** Ends it gracefully; it stays down. */
  stop(): Promise<void>;
  /** Starts it, where it is down; resolves when it is ready. */
  start(): Promise<void>;
  /** Resolves when it is ready, be it now or after a restart under way. */
  ready(): Promise<void>;
}

const ranWell = (outcome: RunOutcome): boolean => outcome.wasReady && outcome.readyForMs > RAN_WELL_MS;

type ServiceState = "down" | "starting" | "ready" | "stopping";

export const createService = (options: ServiceOptions): Service => {
  const { name } = options;
  const events = new EventEmitter<{ change: [] }>().setMaxListeners(0);
  let state: ServiceState = "down";
  let pid: number | undefined;
  /** Why the last run never was ready; cleared by the next that is. */
  let problem: string | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopping = new AbortController();

  const is = (asked: ServiceState): boolean => state === asked;
  const change = (next: ServiceState): void => {
    state = next;
    events.emit("change");
  };

  const runOnce = async (): Promise<RunOutcome> => {
    const outcome = await runProcess(options, {
      onSpawn: (spawned) => {
        pid = spawned;
        options.onProcess?.(name, spawned);
        // A stop that came while the program was being started found no process to end.
        if (state === "stopping") signalGroup(spawned, "SIGTERM");
      },
      onReady: () => {
        if (state !== "starting" || pid === undefined) return;
        problem = undefined;
        options.onReady?.(pid);
        change("ready");
      },
    });
    pid = undefined;
    options.onProcess?.(name, undefined);
    if (!outcome.wasReady && (await options.mend?.(outcome.problem)) !== true) problem = outcome.problem;
    if (state !== "stopping") change("starting");
    return outcome;
  };

  const keepRunning = async ({ signal }: AbortController): Promise<void> => {
    const policy = retry(
      handleWhenResult((outcome) => !signal.aborted && !ranWell(outcome as RunOutcome)),
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
    change("down");
  };

  const ready = async (): Promise<void> => {
    while (state === "starting") await once(events, "change");
    if (state !== "ready") throw new StackError(`${name} is not running.`);
  };

  const stop = async (): Promise<void> => {
    if (state === "down") return;
    if (state !== "stopping") {
      change("stopping");
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
      if (state === "ready" && ENDING_SIGNALS.includes(signal)) change("starting");
      signalGroup(pid, signal);
    },
    stop,
    start: async () => {
      if (state === "stopping") await running;
      if (state !== "down") return ready();
      await prepareLog(options.log);
      problem = undefined;
      stopping = new AbortController();
      change("starting");
      running = keepRunning(stopping);
      running.catch(() => undefined);
      while (is("starting") && problem === undefined) await Promise.race([once(events, "change"), running]);
      if (problem === undefined) return ready();
      const reason: string = problem;
      await stop();
      throw new StackError(reason);
    },
    ready,
    [Symbol.asyncDispose]: stop,
  };
};
