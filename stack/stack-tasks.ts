/**
 * The steps that start a stack, with progress output.
 *
 * Order: the cluster is set up before the Worker can write to it, and the relay's durable session exists before the
 * broker's address is published, because a broker drops messages without a subscriber.
 */
import { Listr, type ListrTask } from "listr2";
import { setUpOpenSearch } from "../opensearch/setup.ts";
import { buildPages } from "./lib/build-pages.ts";
import { assertDiskSpace } from "./install/disk-space.ts";
import { findJava } from "./install/java.ts";
import { ensureMosquitto } from "./install/mosquitto.ts";
import { ensureOpenSearchJars } from "./install/opensearch-jars.ts";
import { startBroker, type Broker } from "./services/broker.ts";
import { toListenerUrls } from "./services/listeners.ts";
import { useExternalOpenSearch } from "./services/external-opensearch.ts";
import { startOpenSearch, type OpenSearch } from "./services/opensearch.ts";
import { startRelay, type Relay } from "./services/relay.ts";
import { startWorker, type Worker } from "./services/worker.ts";
import type { Ports } from "./lib/ports.ts";
import type { StackOptions } from "./lib/stack-options.ts";
import type { ServiceName } from "./lib/stack-file.ts";

export interface RunningServices {
  opensearch: OpenSearch;
  broker: Broker;
  relay: Relay;
  worker: Worker;
}

export interface StackTasks {
  readonly options: StackOptions;
  readonly ports: Ports;
  /** Filled as services start, so a failure can stop the running ones. */
  readonly services: Partial<RunningServices>;
  readonly stoppedOrphans: readonly string[];
  readonly onProcess: (name: ServiceName, pid: number | undefined) => void;
}

/** The title while the step runs, and the work, which returns the title of the finished step. */
type Step = readonly [title: string, work: () => Promise<string>];

const since = (start: number): string => `${((performance.now() - start) / 1_000).toFixed(1)} s`;

const createInstallSteps = ({ options }: StackTasks): Step[] => {
  const { home, opensearchUrl } = options;
  const mosquitto: Step = [
    "Looking for Mosquitto",
    async () => {
      const { version, wasInstalled } = await ensureMosquitto(home);
      return `Mosquitto ${version} ${wasInstalled ? "installed" : "found"}`;
    },
  ];
  if (opensearchUrl !== undefined) return [mosquitto];
  return [
    mosquitto,
    [
      "Looking for a JDK",
      async () => {
        const { major, path } = await findJava();
        return `Java ${major} found: ${path}`;
      },
    ],
    [
      "Looking for OpenSearch (the first start downloads 70 MB from Maven Central)",
      async () => {
        const { version, wasDownloaded } = await ensureOpenSearchJars();
        return `OpenSearch ${version} ${wasDownloaded ? "downloaded" : "found"}`;
      },
    ],
  ];
};

const createOpenSearchStep = ({ options, ports, services, onProcess }: StackTasks): Step => [
  "Starting OpenSearch and setting it up",
  async () => {
    const start = performance.now();
    const { home, opensearchUrl } = options;
    services.opensearch =
      opensearchUrl === undefined
        ? await startOpenSearch({ home, port: ports.opensearch, onProcess })
        : await useExternalOpenSearch(await opensearchUrl);
    const { url, version } = services.opensearch;
    const done = await setUpOpenSearch(url);
    const printable = new URL(url).host;
    return `OpenSearch ${version} ready in ${since(start)} on ${printable} with ${done.length} index templates`;
  },
];

const createBrokerStep = ({ options, ports, services, onProcess }: StackTasks): Step => [
  "Starting broker and relay",
  async () => {
    const start = performance.now();
    const { home, legacy = true, env } = options;
    const broker = await startBroker({ home, ports, legacy, onProcess });
    services.broker = broker;
    services.relay = await startRelay({
      home,
      port: ports.relay,
      brokerUrl: broker.mqttUrl,
      workerUrl: `http://127.0.0.1:${ports.worker}`,
      onProcess,
      ...(env?.relay === undefined ? {} : { env: env.relay }),
    });
    // After this save, a broker that crashes still has the relay's session and queues messages for it.
    broker.save();
    return `Mosquitto ${broker.version} and relay ready in ${since(start)}`;
  },
];

const pagesStep: Step = [
  "Building demo and console",
  async () => ((await buildPages()) ? "Demo and console built" : "Demo and console are up to date"),
];

const createWorkerStep = ({ options, ports, services, onProcess }: StackTasks): Step => [
  "Starting the Worker",
  async () => {
    const start = performance.now();
    const { home, legacy = true, env, workerOpensearchUrl, inspectsWorker = false } = options;
    const { opensearch, broker } = services;
    if (opensearch === undefined || broker === undefined)
      throw new Error("Start OpenSearch and the broker before the Worker.");
    services.worker = await startWorker({
      home,
      port: ports.worker,
      opensearchUrl: workerOpensearchUrl ?? opensearch.url,
      brokerUrl: `http://127.0.0.1:${broker.ports.ws}`,
      mqttWssUrl: toListenerUrls(broker.ports).wss,
      legacy,
      isInspected: inspectsWorker,
      onProcess,
      ...(env?.worker === undefined ? {} : { env: env.worker }),
    });
    return `Worker ready in ${since(start)} on ${services.worker.url}`;
  },
];

export const runStackTasks = async (context: StackTasks): Promise<void> => {
  const { options, stoppedOrphans } = context;
  const { quiet = true, onProgress } = options;
  const renderer = quiet ? "silent" : "default";

  const failures: unknown[] = [];
  const toTask = ([title, work]: Step): ListrTask => ({
    title,
    task: async (_, task) => {
      try {
        task.title = await work();
      } catch (error) {
        failures.push(error);
        // The caller of startStack prints the reason once, at the end.
        throw new Error(`${title}: failed`, { cause: error });
      }
      onProgress?.(task.title);
    },
  });
  /** Runs steps concurrently. Waits for all of them before it throws, so services that start late can be stopped. */
  const run = async (...steps: readonly Step[]): Promise<void> => {
    const list = new Listr(steps.map(toTask), {
      concurrent: true,
      exitOnError: false,
      renderer,
      fallbackRenderer: renderer === "silent" ? "silent" : "simple",
    });
    await list.run();
    if (failures.length > 0) throw failures[0];
  };

  await assertDiskSpace(options.home);
  if (stoppedOrphans.length > 0) {
    await run(["Cleaning up", async () => `Stopped processes of an earlier start: ${stoppedOrphans.join(", ")}`]);
  }
  await run(...createInstallSteps(context));
  await run(createOpenSearchStep(context), createBrokerStep(context), pagesStep);
  await run(createWorkerStep(context));
};
