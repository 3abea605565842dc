/**
 * The whole line on one machine: OpenSearch, broker, relay and Worker, supervised, as one thing that starts and stops.
 */
import { ensureSecrets } from "./lib/secrets.ts";
import { assertPortsFree, reservePorts } from "./lib/ports.ts";
import { removeStackFile, writeStackFile, type ServiceName, type StackFile } from "./lib/stack-file.ts";
import { runStackTasks, type RunningServices } from "./stack-tasks.ts";
import type { StackOptions } from "./lib/stack-options.ts";
import { prepareHome } from "./lib/state-dir.ts";
import { lockHome } from "./supervise/lock-home.ts";
import { toStackFile } from "./lib/to-stack-file.ts";

export interface Stack extends AsyncDisposable {
  /** As it is now: process ids change when a service is started again. */
  readonly file: StackFile;
  readonly services: Readonly<RunningServices>;
  /** Ends everything in an order that loses nothing. */
  stop(): Promise<void>;
}

/** The relay first, while all that it needs to finish its work is there; then what takes logs; then what keeps them. */
const stopServices = async ({ relay, worker, broker, opensearch }: Partial<RunningServices>): Promise<void> => {
  await relay?.stop();
  await worker?.stop();
  await Promise.all([broker?.stop(), opensearch?.stop()]);
};

export const startStack = async (options: StackOptions): Promise<Stack> => {
  const { home, ports: asked = {} } = options;
  const given = asked === "ephemeral" ? {} : asked;
  const started = new Date().toISOString();
  await prepareHome(home);
  const { book, ended } = await lockHome(home);
  const services: Partial<RunningServices> = {};
  const processes: Partial<Record<ServiceName | "supervisor", number>> = { supervisor: process.pid };
  let file: StackFile | undefined;
  let writing: Promise<void> = Promise.resolve();

  const write = (current: StackFile): Promise<void> => {
    writing = writing.then(() => (file === undefined ? undefined : writeStackFile(home, current)));
    return writing;
  };
  const onProcess = (name: ServiceName, pid: number | undefined): void => {
    book.note(name, pid);
    if (pid === undefined) delete processes[name];
    else processes[name] = pid;
    if (file === undefined) return;
    file = { ...file, processes: { ...processes } };
    // A full disk must not end the supervisor; the next write tells the same and more.
    write(file).catch(() => (writing = Promise.resolve()));
  };
  const stop = async (): Promise<void> => {
    file = undefined;
    await writing;
    await removeStackFile(home);
    await stopServices(services);
    await book.close();
  };

  try {
    const { opensearch, ...others } = given;
    await assertPortsFree(options.opensearchUrl === undefined && opensearch !== undefined ? given : others);
    const [ports, secrets] = await Promise.all([reservePorts(given), ensureSecrets(home)]);
    await runStackTasks({ options, ports, services, endedLeftovers: ended, onProcess });
    const running = services as RunningServices;
    file = { ...toStackFile(running, secrets), processes: { ...processes }, started };
    await write(file);
    const lastFile = file;
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
