import { createServer, type AddressInfo, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { assertPortsFree, readPorts, reservePorts } from "../lib/ports.ts";

const servers: Server[] = [];

const listen = (host: string): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    servers.push(server);
    server.listen(0, host, () => resolve((server.address() as AddressInfo).port));
  });

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe(assertPortsFree, () => {
  it.each(["127.0.0.1", "0.0.0.0"])(
    "reports a port in use on %s, its owner, and the variable that selects another port",
    async (host) => {
      const port = await listen(host);
      const refused = assertPortsFree({ mqtt: port });
      await expect(refused).rejects.toThrow(`Port ${port} (mqtt) is in use by process ${process.pid} (`);
      await expect(refused).rejects.toThrow("Set EDGELOG_MQTT_PORT to another port");
    },
  );

  it("resolves when all ports are free", async () => {
    await expect(assertPortsFree(await reservePorts())).resolves.toBeUndefined();
  });
});

describe(readPorts, () => {
  it("has a default for each port, which its variable overrides", () => {
    expect(readPorts({})).toMatchObject({ worker: 8787, mqtt: 1883, mqtts: 8883, wss: 8084 });
    expect(readPorts({ EDGELOG_WSS_PORT: "18084" })).toMatchObject({ wss: 18_084 });
  });

  it.each([
    { env: { EDGELOG_MQTT_PORT: "mqtt" }, message: "EDGELOG_MQTT_PORT=mqtt is not a valid port" },
    { env: { EDGELOG_MQTT_PORT: "0" }, message: "EDGELOG_MQTT_PORT=0 is not a valid port" },
    { env: { EDGELOG_MQTT_PORT: "8787" }, message: "are both 8787" },
  ])("throws for $env", ({ env, message }) => {
    expect(() => readPorts(env)).toThrow(message);
  });
});

describe(reservePorts, () => {
  it("reserves a different port for each service on every call", async () => {
    const all = [await reservePorts(), await reservePorts()].flatMap((ports) => Object.values<number>(ports));
    expect(new Set(all).size).toBe(all.length);
  });

  it("keeps the given ports", async () => {
    expect(await reservePorts({ worker: 12_345 })).toMatchObject({ worker: 12_345 });
  });
});
