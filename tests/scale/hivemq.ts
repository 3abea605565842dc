/**
 * HiveMQ Community Edition from Maven Central, a broker that balances shared subscriptions. Without an extension it accepts every
 * user and every topic, so it tests the delivery of messages and no access rights.
 */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { MAX_PACKET_BYTES } from "#contract/wire/limits.ts";
import { findExecutable } from "../../stack/install/find-executable.ts";
import { findJava } from "../../stack/install/java.ts";
import { reservePort } from "../../stack/lib/ports.ts";
import { acceptsConnections } from "../../stack/services/broker.ts";
import { extend } from "../../stack/services/start-options.ts";
import { toHomeMarker } from "../../stack/supervise/pid-file.ts";
import { createService, type Service } from "../../stack/supervise/service.ts";

const VERSION = "2025.5";
const INSTALL_TIMEOUT_MS = 300_000;
const START_DEADLINE_MS = 120_000;
const STOP_DEADLINE_MS = 20_000;

const program = fileURLToPath(new URL("HiveMqBroker.java", import.meta.url));

const POM = `<project><modelVersion>4.0.0</modelVersion><groupId>edgelog</groupId><artifactId>hivemq</artifactId><version>1</version>
<dependencies><dependency><groupId>com.hivemq</groupId><artifactId>hivemq-community-edition-embedded</artifactId>
<version>${VERSION}</version></dependency></dependencies></project>
`;

/**
 * By default a queue has 1,000 messages, and HiveMQ disconnects MQTT 5 clients that have more than 10 messages without PUBACK, which
 * mqtt.js does not prevent.
 */
const toConfig = (port: number): string => `<?xml version="1.0"?>
<hivemq>
  <listeners><tcp-listener><port>${port}</port><bind-address>127.0.0.1</bind-address></tcp-listener></listeners>
  <mqtt>
    <queued-messages><max-queue-size>1000000</max-queue-size><strategy>discard</strategy></queued-messages>
    <receive-maximum><server-receive-maximum>1000</server-receive-maximum></receive-maximum>
    <packets><max-packet-size>${MAX_PACKET_BYTES}</max-packet-size></packets>
  </mqtt>
  <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
</hivemq>
`;

/** HiveMQ's libraries use these packages of the JDK by reflection. */
const OPENED_PACKAGES = [
  "java.base/java.lang",
  "java.base/java.nio",
  "java.base/sun.nio.ch",
  "jdk.management/com.sun.management.internal",
];

/** Copies the libraries into a folder of `scratch`, once. Returns `undefined` if Maven is not installed. */
export const installHiveMq = async (scratch: string): Promise<string | undefined> => {
  const folder = join(scratch, `hivemq-${VERSION}`);
  const done = join(folder, "installed");
  if (existsSync(done)) return join(folder, "lib");
  if ((await findExecutable("mvn")) === undefined) return undefined;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "pom.xml"), POM);
  const args = ["--quiet", "--batch-mode", "dependency:copy-dependencies", "-DoutputDirectory=lib"];
  await execa("mvn", [...args, "-DincludeScope=runtime"], { cwd: folder, timeout: INSTALL_TIMEOUT_MS });
  await writeFile(done, "");
  return join(folder, "lib");
};

export interface HiveMq extends Service {
  readonly mqttUrl: string;
}

/** `lib`: from {@link installHiveMq}. */
export const startHiveMq = async (home: string, lib: string): Promise<HiveMq> => {
  const [java, port] = await Promise.all([findJava(), reservePort()]);
  const folders = ["conf", "data", "extensions"].map((name) => join(home, name));
  for (const folder of folders) await mkdir(folder, { recursive: true });
  await writeFile(join(home, "conf", "config.xml"), toConfig(port));
  const service = createService({
    name: "broker",
    command: java.path,
    args: [
      "-Xmx512m",
      "--enable-native-access=ALL-UNNAMED",
      ...OPENED_PACKAGES.flatMap((name) => ["--add-opens", `${name}=ALL-UNNAMED`]),
      "-cp",
      join(lib, "*"),
      program,
      ...folders,
    ],
    cwd: home,
    env: toHomeMarker(home),
    log: join(home, "broker.log"),
    isReady: () => acceptsConnections(port),
    startDeadlineMs: START_DEADLINE_MS,
    stopDeadlineMs: STOP_DEADLINE_MS,
  });
  await service.start();
  return extend(service, { mqttUrl: `mqtt://127.0.0.1:${port}` });
};
