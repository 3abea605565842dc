/** Starts one OpenSearch node for development and tests. */
import { delimiter, join } from "node:path";
import { ensureDevServer, toArchiveOptions } from "../install/dev-server.ts";
import { findJava } from "../install/java.ts";
import { ensureOpenSearchJars, SERVER_DIR } from "../install/opensearch-jars.ts";
import { reservePort } from "../lib/ports.ts";
import { pathsOf, prepareHome } from "../lib/state-dir.ts";
import { toHomeMarker } from "../supervise/pid-file.ts";
import { createService, type Service } from "../supervise/service.ts";
import { respondsOk } from "../supervise/wait-until-ready.ts";
import { extend, type StartOptions } from "./start-options.ts";

const START_DEADLINE_MS = 120_000;
const STOP_DEADLINE_MS = 20_000;
const HEAP = "1g";

/**
 * Java's second compiler starts eight times later than by default. It would take a third of the CPU time of a start, mostly for
 * code that does not run again.
 */
const LATE_COMPILER = [
  "-XX:Tier4InvocationThreshold=40000",
  "-XX:Tier4MinInvocationThreshold=4800",
  "-XX:Tier4CompileThreshold=120000",
  "-XX:Tier4BackEdgeThreshold=320000",
];

/** Splits the options of the environment variable at spaces, as OpenSearch's own launcher does. */
const toExtraOptions = (options = ""): string[] => options.split(/\s+/).filter((option) => option !== "");

export interface OpenSearchOptions extends StartOptions {
  readonly home: string;
  /** Default: a free port. */
  readonly port?: number;
  /** Maximum size of the Java heap. Default: 1g. */
  readonly heap?: string;
  /** Settings of the node, in addition to those in DevServer.java. Default: none, which is a cluster of one node. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface OpenSearch extends Service {
  readonly url: string;
  readonly version: string;
}

export const startOpenSearch = async (options: OpenSearchOptions): Promise<OpenSearch> => {
  const { home, port, heap = HEAP, settings = {}, onProcess } = options;
  await prepareHome(home);
  const [java, { lib, version }] = await Promise.all([findJava(), ensureOpenSearchJars()]);
  const devServer = await ensureDevServer(java, lib);
  const httpPort = port ?? (await reservePort());
  const url = `http://127.0.0.1:${httpPort}`;
  const { opensearch, logs } = pathsOf(home);
  const service = createService({
    name: "opensearch",
    command: java.path,
    args: [
      `-Xmx${heap}`,
      ...LATE_COMPILER,
      "--add-modules",
      "jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED",
      ...toArchiveOptions(devServer),
      ...toExtraOptions(process.env["OPENSEARCH_JAVA_OPTS"]),
      "-cp",
      [devServer, join(lib, "*")].join(delimiter),
      "DevServer",
      opensearch,
      String(httpPort),
      ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    ],
    cwd: SERVER_DIR,
    env: toHomeMarker(home),
    log: join(logs, "opensearch.log"),
    // Returns 200 only after the existing shards are recovered.
    isReady: () => respondsOk(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`),
    startDeadlineMs: START_DEADLINE_MS,
    stopDeadlineMs: STOP_DEADLINE_MS,
    onProcess,
  });
  await service.start();
  return extend(service, { url, version });
};
