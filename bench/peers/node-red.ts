/** Node-RED, installed from npm. It acknowledges messages when they arrive, so it loses those that are not written yet. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { PEERS_DIR, type Peer } from "./peer.ts";

const VERSION = "5.0.7";
const DIR = join(PEERS_DIR, "node-red");
const PACKAGE_DIR = join(DIR, "node_modules", "node-red");

/** Collects events and sends them in batches of 1,000, or after 100 ms. */
const INITIALIZE = `
const state = { lines: [] };
state.flush = () => {
  if (state.lines.length === 0) return;
  const payload = state.lines.join("");
  state.lines = [];
  node.send({ payload, headers: { "content-type": "application/x-ndjson" } });
};
context.set("state", state);
setInterval(state.flush, 100);`;

const COLLECT = `
const state = context.get("state");
const { resource, attributes, events } = msg.payload;
for (const event of events) {
  const document = { "@timestamp": Date.now(), topic: msg.topic, ...resource, ...attributes, ...event };
  state.lines.push('{"index":{}}\\n' + JSON.stringify(document) + "\\n");
}
if (state.lines.length >= 1000) state.flush();
return null;`;

const toFlow = (brokerPort: number, opensearchUrl: string, index: string): object[] => [
  { id: "tab", type: "tab", label: "logs" },
  {
    id: "broker",
    type: "mqtt-broker",
    broker: "127.0.0.1",
    port: String(brokerPort),
    clientid: "node-red",
    autoConnect: true,
    usetls: false,
    protocolVersion: "4",
    keepalive: "600",
    cleansession: false,
  },
  {
    id: "in",
    type: "mqtt in",
    z: "tab",
    topic: "logs/#",
    qos: "1",
    datatype: "json",
    broker: "broker",
    inputs: 0,
    wires: [["collect"]],
  },
  { id: "collect", type: "function", z: "tab", func: COLLECT, initialize: INITIALIZE, outputs: 1, wires: [["post"]] },
  {
    id: "post",
    type: "http request",
    z: "tab",
    method: "POST",
    ret: "txt",
    url: `${opensearchUrl.replace(/\/$/, "")}/${index}/_bulk?filter_path=errors`,
    wires: [[]],
  },
];

const readInstalledVersion = async (): Promise<string | undefined> => {
  const text = await readFile(join(PACKAGE_DIR, "package.json"), "utf8").catch(() => "{}");
  return (JSON.parse(text) as { readonly version?: string }).version;
};

export const nodeRed: Peer = {
  name: "node-red",
  configuration: `Node-RED ${VERSION}, persistent session, batches of 1,000 plain documents, default dynamic mapping`,
  install: async () => {
    if ((await readInstalledVersion()) === VERSION) return;
    await mkdir(DIR, { recursive: true });
    const args = ["install", "--no-audit", "--no-fund", "--prefix", DIR, `node-red@${VERSION}`];
    const { failed, all } = await execa("npm", args, { all: true, reject: false, cwd: DIR });
    if (failed) throw new Error(`Node-RED could not be installed: ${all.slice(-300)}`);
  },
  configure: async ({ brokerPort, opensearchUrl, index, dir }) => {
    const flow = join(dir, "flows.json");
    const settings = join(dir, "settings.js");
    await writeFile(flow, JSON.stringify(toFlow(brokerPort, opensearchUrl, index)));
    const options = { httpAdminRoot: false, httpNodeRoot: false, telemetry: { enabled: false }, userDir: dir };
    await writeFile(
      settings,
      `module.exports = ${JSON.stringify({ ...options, logging: { console: { level: "error" } } })};`,
    );
    return { file: process.execPath, args: [join(PACKAGE_DIR, "red.js"), "--settings", settings, flow] };
  },
};
