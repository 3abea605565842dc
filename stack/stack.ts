/** The whole system on one machine: OpenSearch, broker, relay and Worker, supervised, started and stopped together. */
import { ensureSecrets } from "./lib/secrets.ts";
import { assertPortsFree, reservePorts } from "./lib/ports.ts";
import { removeStackFile, writeStackFile, type ServiceName, type StackFile } from "./lib/stack-file.ts";
import { startLocalCrons } from "./services/local-crons.ts";
import { runStackTasks, type RunningServices } from "./stack-tasks.ts";
import type { StackOptions } from "./lib/stack-options.ts";
import { prepareHome } from "./lib/state-dir.ts";
import { lockHome } from "./supervise/lock-home.ts";
import { toStackFile } from "./lib/to-stack-file.ts";

export interface Stack extends AsyncDisposable {
  /** Current content of `stack.json`; process ids change when a service restarts. */
  readonly file: StackFile;
  readonly services: Readonly<RunningServices>;
  /** Stops all services in an order that loses no event. */
  stop(): Promise<void>;
}

/** Stops the relay first, while it can still finish its requests, then the Worker, then the broker and OpenSearch. */
const stopServices = async ({ relay, worker, broker, opensearch }: Partial<RunningServices>): Promise<void> => {
  await relay?.stop();
  await worker?.stop();
  await Promise.all([broker?.stop(), opensearch?.stop()]);
};

export const startStack = async (options: StackOptions): Promise<Stack> => {
  const { home } = options;
  const fixedPorts = options.ports === undefined || options.ports === "ephemeral" ? {} : options.ports;
  const started = new Date().toISOString();
  await prepareHome(home);
  const { pidFile, stoppedOrphans } = await lockHome(home);
  const services: Partial<RunningServices> = {};
  const processes: Partial<Record<ServiceName | "supervisor", number>> = { supervisor: process.pid };
  let file: StackFile | undefined;
  let writing: Promise<void> = Promise.resolve();

  const write = (current: StackFile): Promise<void> => {
    writing = writing.then(() => (file === undefined ? undefined : writeStackFile(home, current)));
    return writing;
  };
  const onProcess = (name: ServiceName, pid: number | undefined): void => {
    pidFile.record(name, pid);
    if (pid === undefined) delete processes[name];
    else processes[name] = pid;
    if (file === undefined) return;
    file = { ...file, processes: { ...processes } };
    // A full disk must not stop the supervisor; the next write includes this change.
    write(file).catch(() => (writing = Promise.resolve()));
  };
  let stopCrons: (() => void) | undefined;
  const stop = async (): Promise<void> => {
    stopCrons?.();
    file = undefined;
    await writing;
    await removeStackFile(home);
    await stopServices(services);
    await pidFile.close();
  };

  try {
    const { opensearch, ...others } = fixedPorts;
    await assertPortsFree(options.opensearchUrl === undefined && opensearch !== undefined ? fixedPorts : others);
    const [ports, secrets] = await Promise.all([reservePorts(fixedPorts), ensureSecrets(home)]);
    await runStackTasks({ options, ports, services, stoppedOrphans, onProcess });
    const running = services as RunningServices;
    file = { ...toStackFile(running, secrets), processes: { ...processes }, started };
    await write(file);
    const lastFile = file;
    if (options.crons === true) stopCrons = startLocalCrons(running.worker.url);
    return {
      get file() {
        return file ?? lastFile;
      },
      services: running,
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
