/**
 * Senders of other people, from the package registries: how each is installed into a scratch directory, and the program that sends.
 */
import { copyFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

export const TRACE_ID = "5b8efff798038103d269b633813fc60c";

const programs = fileURLToPath(new URL("programs/", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));

/** Where a sender sends to, and what. */
export interface SenderContext {
  /** Packages and files of all senders. */
  readonly scratch: string;
  readonly url: string;
  readonly app: string;
  readonly key: string;
  /** A word in each of its logs. */
  readonly token: string;
  readonly count: number;
}

export interface Sender {
  readonly name: string;
  /** Installs it. Throws if it is not available. Once for all senders of a registry. */
  readonly install: (scratch: string) => Promise<void>;
  /** Sends all logs. Resolves when the sender is done; its errors are in the result, not thrown. */
  readonly send: (context: SenderContext) => Promise<void>;
}

const INSTALL_TIMEOUT_MS = 300_000;
/** Some senders send one request for each log, one after the other. */
const SEND_TIMEOUT_MS = 900_000;

const toEnv = ({ url, app, key, token, count, scratch }: SenderContext): Readonly<Record<string, string>> => ({
  SENDER_URL: url,
  SENDER_APP: app,
  SENDER_KEY: key,
  SENDER_TOKEN: token,
  SENDER_COUNT: String(count),
  SENDER_SCRATCH: scratch,
  PYTHONPATH: programs,
  PYTHONDONTWRITEBYTECODE: "1",
});

const once = (install: (scratch: string) => Promise<void>): ((scratch: string) => Promise<void>) => {
  let done: Promise<void> | undefined;
  return (scratch) => (done ??= install(scratch));
};

const run = async (
  command: string,
  args: readonly string[],
  context: SenderContext,
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<void> => {
  await execa(command, args, {
    cwd: options.cwd ?? context.scratch,
    env: { ...toEnv(context), ...options.env },
    timeout: SEND_TIMEOUT_MS,
  });
};

const PYTHON_PACKAGES = [
  "splunk-handler==3.0.0",
  "python-logging-loki==0.3.1",
  "graypy==2.1.0",
  "python-json-logger==4.2.0",
  "datadog-api-client==2.62.0",
  "opentelemetry-sdk==1.45.2",
  "opentelemetry-exporter-otlp-proto-http==1.45.2",
];

const installPython = once(async (scratch) => {
  const options = { timeout: INSTALL_TIMEOUT_MS };
  await execa("python3", ["-m", "venv", join(scratch, "python")], options);
  await execa(join(scratch, "python/bin/pip"), ["install", "--quiet", ...PYTHON_PACKAGES], options);
});

const python = (name: string, program: string): Sender => ({
  name,
  install: installPython,
  send: (context) => run(join(context.scratch, "python/bin/python"), [join(programs, program)], context),
});

/** Programs in the scratch directory would not find the packages of this repository. */
const npm = (name: string, program: string): Sender => ({
  name,
  install: () => Promise.resolve(),
  send: (context) => run(process.execPath, [join(programs, program)], context, { cwd: root }),
});

const toPom = (dependencies: readonly string[]): string => {
  const elements = dependencies.map((each) => {
    const [group = "", artifact = "", version = ""] = each.split(":");
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  });
  return `<project><modelVersion>4.0.0</modelVersion><groupId>edgelog</groupId><artifactId>senders</artifactId><version>1</version>
<dependencies>${elements.join("")}</dependencies></project>`;
};

const java = (
  name: string,
  program: string,
  dependencies: readonly string[],
  files: readonly string[] = [],
): Sender => {
  const folderOf = (scratch: string): string => join(scratch, program);
  return {
    name,
    install: async (scratch) => {
      const folder = folderOf(scratch);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "pom.xml"), toPom(dependencies));
      const args = ["--quiet", "--batch-mode", "dependency:copy-dependencies", "-DoutputDirectory=lib"];
      await execa("mvn", args, { cwd: folder, timeout: INSTALL_TIMEOUT_MS });
      for (const file of files) await copyFile(join(programs, file), join(folder, file));
    },
    send: (context) =>
      run("java", ["-cp", "lib/*:.", join(programs, `${program}.java`)], context, { cwd: folderOf(context.scratch) }),
  };
};

const toAccessTime = (date: Date): string => {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(date.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
};

/** A line of nginx for each log, with its text as the path. */
const writeAccessLog = async ({ scratch, token, count }: SenderContext): Promise<string> => {
  const targets = [
    ...Array.from({ length: count - 4 }, (_, n) => `event ${n}`),
    "Grüße 😀 日本",
    "failed",
    "lowest",
    "highest",
  ];
  const time = toAccessTime(new Date());
  const lines = targets.map(
    (target) => `192.0.2.1 - - [${time}] "GET /${target} HTTP/1.1" 200 153 "-" "curl ${token}"`,
  );
  const path = join(scratch, `${token}.log`);
  await writeFile(path, lines.join("\n"));
  return path;
};

/** Replaces the names between at signs in a configuration. */
const fillIn = (template: string, { scratch, url, app, key }: SenderContext): string => {
  const values: Readonly<Record<string, string>> = { SCRATCH: scratch, URL: url, APP: app, KEY: key };
  return template.replaceAll(/@(\w+)@/g, (_, name: string) => values[name] ?? "");
};

const DEBIAN_PACKAGES = ["rsyslog", "rsyslog-elasticsearch", "libfastjson4", "libestr0", "liblognorm5"];

/** Unpacked, so that no service of the machine changes. */
const installRsyslog = once(async (scratch) => {
  const folder = join(scratch, "debian");
  await mkdir(folder, { recursive: true });
  await execa("apt-get", ["download", ...DEBIAN_PACKAGES], { cwd: folder, timeout: INSTALL_TIMEOUT_MS });
  await execa("sh", ["-c", "for each in *.deb; do dpkg -x $each root; done"], { cwd: folder });
});

const sendRsyslog = async (context: SenderContext): Promise<void> => {
  const { scratch, token, count } = context;
  const [folder, unpacked] = [join(scratch, "rsyslog"), join(scratch, "debian/root")];
  // rsyslog continues a file where an earlier process ended.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const lines = Array.from({ length: count - 4 }, (_, n) => `event ${n} ${token}`);
  const others = [`Grüße 😀 日本 ${token}`, `failed ${token}`, `lowest ${token}`, `highest ${token}`];
  await writeFile(join(folder, "input.log"), `${[...lines, ...others].join("\n")}\n`);
  const template = await readFile(join(programs, "rsyslog.conf"), "utf8");
  await writeFile(join(folder, "rsyslog.conf"), fillIn(template, context));
  const libraries = join(unpacked, "usr/lib/x86_64-linux-gnu");
  const rsyslog = execa(
    join(unpacked, "usr/sbin/rsyslogd"),
    ["-n", "-f", join(folder, "rsyslog.conf"), "-i", join(folder, "pid"), "-M", join(libraries, "rsyslog")],
    { env: { LD_LIBRARY_PATH: libraries }, reject: false, timeout: SEND_TIMEOUT_MS },
  );
  await sleep(RSYSLOG_MS);
  rsyslog.kill();
  await rsyslog;
};

/** rsyslog sends as soon as it has read the file. It does not repeat documents, see docs/send/elasticsearch.md. */
const RSYSLOG_MS = 20_000;

/** The first build compiles about a thousand packages. */
const GO_BUILD_TIMEOUT_MS = 1_800_000;

/** Written in Go: the released programs are not in a package registry, so a program of its modules is built. */
const installCollector = once(async (scratch) => {
  const folder = join(scratch, "collector-build");
  await cp(join(programs, "collector"), folder, { recursive: true });
  await execa("go", ["build", "-buildvcs=false", "-o", "collector", "."], {
    cwd: folder,
    timeout: GO_BUILD_TIMEOUT_MS,
  });
});

const toCollectorLines = (token: string, count: number): readonly string[] => {
  const toLine = (level: string, text: string, fields: Readonly<Record<string, string>> = {}): string =>
    JSON.stringify({ time: new Date().toISOString(), level, message: `${text} ${token}`, ...fields });
  return [
    ...Array.from({ length: count - 4 }, (_, n) => toLine("info", `event ${n}`)),
    toLine("warn", "Grüße 😀 日本", { trace_id: TRACE_ID }),
    toLine("error", "failed", { stack: new TypeError("no card").stack ?? "" }),
    toLine("trace", "lowest"),
    toLine("fatal4", "highest"),
  ];
};

/** The Collector retries after 5 seconds, with an interval that grows. Long enough for its retries after `--outage`. */
const COLLECTOR_MS = 75_000;

const sendCollector = async (context: SenderContext): Promise<void> => {
  const { scratch, token, count } = context;
  const folder = join(scratch, "collector");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "input.log"), `${toCollectorLines(token, count).join("\n")}\n`);
  const template = await readFile(join(programs, "collector/config.yaml"), "utf8");
  await writeFile(join(folder, "config.yaml"), fillIn(template, context));
  const program = join(scratch, "collector-build/collector");
  const collector = execa(program, ["--config", "file:config.yaml"], {
    cwd: folder,
    reject: false,
    timeout: SEND_TIMEOUT_MS,
  });
  await sleep(COLLECTOR_MS);
  // It empties its queue before it ends.
  collector.kill();
  await collector;
};

export const SENDERS: readonly Sender[] = [
  npm("pino-loki (npm)", "pino-loki.mjs"),
  npm("winston's HTTP transport (npm)", "winston-http.mjs"),
  npm("pino-elasticsearch (npm)", "pino-elasticsearch.mjs"),
  npm("winston-elasticsearch (npm)", "winston-elasticsearch.mjs"),
  npm("@elastic/elasticsearch (npm)", "elastic-client.mjs"),
  npm("@opensearch-project/opensearch (npm)", "opensearch-client.mjs"),
  npm("OpenTelemetry JS, JSON (npm)", "otel-json.mjs"),
  npm("OpenTelemetry JS, protobuf (npm)", "otel-protobuf.mjs"),
  python("splunk-handler (PyPI)", "splunk_handler_program.py"),
  python("python-logging-loki (PyPI)", "loki_program.py"),
  python("graypy (PyPI)", "graypy_program.py"),
  python("datadog-api-client (PyPI)", "datadog_program.py"),
  python("python-json-logger and curl (PyPI)", "json_logger_program.py"),
  python("OpenTelemetry Python (PyPI)", "otel_program.py"),
  java(
    "Log4j's HTTP appender (Maven)",
    "Log4jProgram",
    ["org.apache.logging.log4j:log4j-core:2.25.2", "org.apache.logging.log4j:log4j-layout-template-json:2.25.2"],
    ["log4j2.xml"],
  ),
  java("OpenTelemetry Java (Maven)", "OtelProgram", [
    "io.opentelemetry:opentelemetry-sdk:1.54.0",
    "io.opentelemetry:opentelemetry-exporter-otlp:1.54.0",
  ]),
  { name: "OpenTelemetry Collector (Go)", install: installCollector, send: sendCollector },
  { name: "rsyslog with omelasticsearch (Debian)", install: installRsyslog, send: sendRsyslog },
  {
    name: "curl with an access log of nginx",
    install: () => Promise.resolve(),
    send: async (context) => {
      const path = await writeAccessLog(context);
      const { url, app, key } = context;
      const retry = ["--retry", "8", "--retry-all-errors"];
      const args = [
        "-sS",
        "--fail-with-body",
        ...retry,
        `${url}/logs`,
        "-u",
        `${app}:${key}`,
        "--data-binary",
        `@${path}`,
      ];
      await run("curl", args, context);
    },
  },
];
