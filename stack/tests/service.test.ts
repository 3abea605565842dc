/** Supervision of a real process: an HTTP server with a child process. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeHome } from "../../tests/support/make-home.ts";
import { reservePort } from "../lib/ports.ts";
import { createService, type Service, type ServiceOptions } from "../supervise/service.ts";
import { identify, isGroupAlive } from "../supervise/process-identity.ts";
import { respondsOk } from "../supervise/wait-until-ready.ts";

const PROGRAM = `
  import { spawn } from "node:child_process";
  import { createServer } from "node:http";
  spawn("sleep", ["600"], { stdio: "ignore" });
  console.log("starting");
  if (process.argv[3] === "broken") throw new Error("broken on purpose");
  createServer((request, response) => response.end("ok")).listen(Number(process.argv[2]), "127.0.0.1");
`;

let home: string;
const services: Service[] = [];

const create = async (more: Partial<ServiceOptions> = {}, mode = "good"): Promise<Service> => {
  const port = await reservePort();
  const service = createService({
    name: "worker",
    command: process.execPath,
    args: [join(home, "program.mjs"), String(port), mode],
    cwd: home,
    env: {},
    log: join(home, "program.log"),
    isReady: () => respondsOk(`http://127.0.0.1:${port}`),
    startDeadlineMs: 30_000,
    stopDeadlineMs: 10_000,
    ...more,
  });
  services.push(service);
  return service;
};

beforeAll(async () => {
  home = await makeHome("service");
  await writeFile(join(home, "program.mjs"), PROGRAM);
});

afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.stop()));
});

afterAll(() => rm(home, { recursive: true, force: true }));

describe(createService, () => {
  it("restarts a killed process and kills its remaining children", async () => {
    const seen: (number | undefined)[] = [];
    const service = await create({ onProcess: (_, pid) => seen.push(pid) });
    await service.start();
    const first = service.pid!;
    process.kill(first, "SIGKILL");
    await expect.poll(() => service.pid).not.toBe(first);
    await service.ready();
    expect(isGroupAlive(first)).toBe(false);
    expect(identify(service.pid!)).toBeDefined();
    expect(seen).toEqual([first, undefined, service.pid]);
  });

  it("is not ready after kill() until it has restarted", async () => {
    const service = await create();
    await service.start();
    const first = service.pid;
    service.kill("SIGKILL");
    await service.ready();
    expect(service.pid).not.toBe(first);
  });

  it("is not restarted after stop(), and can be started again", async () => {
    const service = await create();
    await service.start();
    const first = service.pid!;
    await service.stop();
    expect(service.pid).toBeUndefined();
    expect(isGroupAlive(first)).toBe(false);
    await expect(service.ready()).rejects.toThrow("worker is not running");
    await service.start();
    expect(service.pid).not.toBe(first);
  });

  it("can be stopped during a restart", async () => {
    const service = await create();
    await service.start();
    service.kill("SIGKILL");
    await service.stop();
    expect(service.pid).toBeUndefined();
  });

  it("reports why the first start failed, with the end of the log", async () => {
    const service = await create({}, "broken");
    await expect(service.start()).rejects.toThrow(/worker exited with code 1[\s\S]*broken on purpose/);
    expect(service.pid).toBeUndefined();
  });

  it("reports a missing program", async () => {
    const service = await create({ command: join(home, "missing") });
    await expect(service.start()).rejects.toThrow(/ENOENT/);
  });

  it("reports a first start that exceeds its deadline", async () => {
    const service = await create({ isReady: async () => false, startDeadlineMs: 300 });
    await expect(service.start()).rejects.toThrow("was not ready");
    expect(service.pid).toBeUndefined();
  });
});
