/** Telegraf, built from the Go module proxy with the plugins that it needs. */
import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { PEERS_DIR, type Peer } from "./peer.ts";

const VERSION = "v1.37.2";
const PACKAGE = `github.com/influxdata/telegraf/cmd/telegraf@${VERSION}`;
const TAGS = "custom,inputs.mqtt_consumer,outputs.opensearch,parsers.json";

const BINARY = join(PEERS_DIR, "telegraf");

/**
 * Messages are acknowledged after they are written, as in edgelog. The fastest of several sizes: two batches of 5,000 can be
 * waiting or written while further messages arrive.
 */
const toConfiguration = (brokerPort: number, opensearchUrl: string, index: string): string => `
[agent]
  interval = "1s"
  flush_interval = "200ms"
  metric_batch_size = 5000
  metric_buffer_limit = 100000
  omit_hostname = true
[[inputs.mqtt_consumer]]
  servers = ["tcp://127.0.0.1:${brokerPort}"]
  topics = ["logs/#"]
  qos = 1
  persistent_session = true
  client_id = "telegraf"
  max_undelivered_messages = 20000
  data_format = "json"
  json_string_fields = ["*"]
[[outputs.opensearch]]
  urls = ["${opensearchUrl}"]
  index_name = "${index}"
  manage_template = false
  template_name = "unused"
  health_check_interval = "0s"
  timeout = "60s"
`;

const isInstalled = (): Promise<boolean> =>
  access(BINARY).then(
    () => true,
    () => false,
  );

export const telegraf: Peer = {
  name: "telegraf",
  configuration: `Telegraf ${VERSION}, mqtt_consumer with a persistent session and QoS 1, batches of 5,000, default dynamic mapping`,
  install: async () => {
    if (await isInstalled()) return;
    await mkdir(PEERS_DIR, { recursive: true });
    const env = { GOBIN: PEERS_DIR };
    const { failed, code, all } = await execa("go", ["install", "-tags", TAGS, PACKAGE], {
      env,
      all: true,
      reject: false,
    });
    if (failed) {
      const reason = code === "ENOENT" ? "Go is not installed" : (all ?? "").slice(-300);
      throw new Error(`Telegraf could not be built: ${reason}`);
    }
  },
  configure: async ({ brokerPort, opensearchUrl, index, dir }) => {
    const file = join(dir, "telegraf.conf");
    await writeFile(file, toConfiguration(brokerPort, opensearchUrl, index));
    return { file: BINARY, args: ["--config", file, "--quiet"] };
  },
};
