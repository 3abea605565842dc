/** Limits of the listeners, and the listener for client certificates, on a real broker. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { execa } from "execa";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeHome } from "../../../tests/support/make-home.ts";
import { startBroker, type Broker } from "../../../stack/services/broker.ts";
import { reservePort } from "../../../stack/lib/ports.ts";
import { pathsOf, ROOT_DIR } from "../../../stack/lib/state-dir.ts";
import { reloadBroker } from "./support/reload-broker.ts";

const SOURCE = join(ROOT_DIR, "broker", "mosquitto");
const MAX_CONNECTIONS = 5;

let home: string;
let broker: Broker;
let certificatePort: number;
let smallPort: number;
const clients: MqttClient[] = [];

const connect = async (url: string, options: IClientOptions): Promise<MqttClient> => {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, connectTimeout: 3_000, ...options }, false);
  client.on("error", () => undefined);
  clients.push(client);
  return client;
};

const tryConnect = (url: string, options: IClientOptions): Promise<string> =>
  connect(url, options).then(
    () => "connected",
    () => "refused",
  );

const asDemo = (options: IClientOptions = {}): IClientOptions => ({
  username: "demo",
  password: broker.secrets.appKey,
  ...options,
});

const readCerts = async (name: string): Promise<{ ca: Buffer; cert: Buffer; key: Buffer }> => {
  const { certs, ca } = pathsOf(home);
  const [cert, key] = await Promise.all(["crt", "key"].map((end) => readFile(join(certs, `${name}.${end}`))));
  return { ca: await readFile(ca), cert: cert ?? Buffer.of(), key: key ?? Buffer.of() };
};

/** Writes the example with a free port as its only change. */
const writeExample = async (port: number): Promise<void> => {
  const example = await readFile(join(SOURCE, "client-certificates.conf.example"), "utf8");
  expect(example).toMatch(/^listener 8885$/m);
  const { mosquitto } = pathsOf(home);
  await writeFile(
    join(mosquitto, "conf.d", "client-certificates.conf"),
    example.replace(/^listener 8885$/m, `listener ${port} 127.0.0.1`),
  );
};

beforeAll(async () => {
  home = await makeHome("listeners");
  const { mosquitto, certs } = pathsOf(home);
  await mkdir(join(mosquitto, "conf.d"), { recursive: true });
  certificatePort = await reservePort();
  smallPort = await reservePort();
  await writeExample(certificatePort);
  await writeFile(
    join(mosquitto, "conf.d", "small.conf"),
    `listener ${smallPort} 127.0.0.1\nmax_connections ${MAX_CONNECTIONS}\n`,
  );
  await execa(join(SOURCE, "make-credentials.sh"), ["--dir", certs, "--client", "demo", "--client", "_relay"]);
  broker = await startBroker({ home, legacy: false });
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.endAsync(true)));
  await broker?.stop();
  await rm(home, { recursive: true, force: true });
});

describe("client certificates", () => {
  const url = (): string => `mqtts://localhost:${certificatePort}`;

  it("set the user name to their common name and ignore the user name sent", async () => {
    const relay = await connect(broker.mqttUrl, { username: "_relay", password: broker.secrets.relayPassword });
    const receivedTopics: string[] = [];
    relay.on("message", (topic) => receivedTopics.push(topic));
    await relay.subscribeAsync("logs/#", { qos: 1 });
    const options = { ...(await readCerts("client-demo")), protocolVersion: 5 as const, clientId: "device-1" };
    const device = await connect(url(), { ...options, username: "other", password: "nonsense" });
    await device.publishAsync("logs/demo/device-1", "{}", { qos: 1 });
    const denied = device.publishAsync("logs/other/device-1", "{}", { qos: 1 });
    await expect(denied).rejects.toMatchObject({ code: 0x87 });
    await expect.poll(() => receivedTopics).toEqual(["logs/demo/device-1"]);
  });

  it("do not allow QoS 2", async () => {
    const options = { ...(await readCerts("client-demo")), protocolVersion: 4 as const, clientId: "device-2" };
    const device = await connect(url(), options);
    device.publish("logs/demo/device-2", "{}", { qos: 2 });
    await expect.poll(() => device.connected).toBe(false);
  });

  it("are required and must be signed by the CA", async () => {
    const { ca } = await readCerts("server");
    expect(await tryConnect(url(), { ca, ...asDemo() })).toBe("refused");
    const otherCa = join(home, "other-ca");
    await execa(join(SOURCE, "make-credentials.sh"), ["--dir", otherCa, "--client", "demo"]);
    const [cert, key] = await Promise.all(["crt", "key"].map((end) => readFile(join(otherCa, `client-demo.${end}`))));
    expect(await tryConnect(url(), { ca, cert: cert ?? "", key: key ?? "" })).toBe("refused");
  });

  it("cannot be server certificates", async () => {
    expect(await tryConnect(url(), await readCerts("server"))).toBe("refused");
  });
});

describe("limits", () => {
  it("refuse connections above max_connections until another one closes, also after SIGHUP", async () => {
    // Without start.sh, versions of Mosquitto 2.0 after 2.0.11 would remove the limit.
    await reloadBroker(broker, home);
    const url = `mqtt://127.0.0.1:${smallPort}`;
    const many = await Promise.all(
      Array.from({ length: MAX_CONNECTIONS }, (_, i) => connect(url, asDemo({ clientId: `many-${i}` }))),
    );
    expect(await tryConnect(url, asDemo({ clientId: "one-too-many" }))).toBe("refused");
    await many[0]?.endAsync();
    await expect.poll(() => tryConnect(url, asDemo({ clientId: "next" }))).toBe("connected");
    // The limit does not apply to other listeners.
    await connect(broker.mqttUrl, asDemo({ clientId: "elsewhere" }));
  });

  it("shorten a keepalive above max_keepalive", async () => {
    const client = mqtt.connect(broker.mqttUrl, asDemo({ protocolVersion: 5, keepalive: 60_000, clientId: "sleepy" }));
    clients.push(client);
    const [packet] = await new Promise<[{ properties?: { serverKeepAlive?: number } }]>((resolve) => {
      client.once("connect", (connack) => resolve([connack]));
    });
    expect(packet.properties?.serverKeepAlive).toBe(3_600);
  });

  it.each(["mqtts", "wss"] as const)("%s accepts TLS 1.2 and 1.3, and rejects TLS 1.1", async (listener) => {
    const { ca } = await readCerts("server");
    const versionOf = (version: "TLSv1.1" | "TLSv1.2" | "TLSv1.3"): Promise<string | null> =>
      new Promise((resolve, reject) => {
        const socket = connectTls({
          port: broker.ports[listener],
          host: "127.0.0.1",
          servername: "localhost",
          ca,
          minVersion: version,
          maxVersion: version,
          // Otherwise the client itself refuses to use TLS 1.1.
          ciphers: "DEFAULT@SECLEVEL=0",
        });
        socket.once("error", reject);
        socket.once("secureConnect", () => {
          resolve(socket.getProtocol());
          socket.destroy();
        });
      });
    expect(await versionOf("TLSv1.2")).toBe("TLSv1.2");
    expect(await versionOf("TLSv1.3")).toBe("TLSv1.3");
    await expect(versionOf("TLSv1.1")).rejects.toThrow(/SSL alert number/);
  });
});

describe("make-credentials.sh --check", () => {
  it("fails and names the certificate that expires within 30 days", async () => {
    const dir = join(home, "check");
    await execa(join(SOURCE, "make-credentials.sh"), ["--dir", dir]);
    const check = () =>
      execa(join(SOURCE, "make-credentials.sh"), ["--check", "--dir", dir], { reject: false, all: true });
    expect((await check()).exitCode).toBe(0);
    const files = ["-keyout", join(dir, "old.key"), "-out", join(dir, "client-old.crt")];
    const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=old -days 29";
    await execa("openssl", [...request.split(" "), ...files]);
    const { exitCode, all } = await check();
    expect(exitCode).toBe(1);
    expect(all).toMatch(/client-old\.crt: EXPIRES /);
    expect(all).toMatch(/server\.crt: valid until /);
  });
});
