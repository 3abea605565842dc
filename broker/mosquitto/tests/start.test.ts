/** start.sh with the settings of an operator. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeHome } from "../../../tests/support/make-home.ts";
import { startBroker, type Broker } from "../../../stack/services/broker.ts";
import { pathsOf, ROOT_DIR } from "../../../stack/lib/state-dir.ts";

let home: string;
let broker: Broker;
const inState = (name: string): string => join(pathsOf(home).mosquitto, name);

beforeAll(async () => {
  home = await makeHome("start");
  await mkdir(inState("conf.d"), { recursive: true });
  await writeFile(inState("conf.d/local.conf"), "pid_file own.pid\n");
  // Left by a broker that was killed.
  await writeFile(inState("own.pid"), "1");
  broker = await startBroker({ home });
});
afterAll(async () => {
  await broker?.stop();
  await rm(home, { recursive: true, force: true });
});

describe("the warning about versions that never free refused wills", () => {
  /** Starts a program that only reports this version, with this listener. Returns what start.sh writes to standard error. */
  const startVersion = async (version: string, listener: string): Promise<string> => {
    const cwd = await mkdtemp(join(home, "version-"));
    await writeFile(join(cwd, "mosquitto.conf"), `${listener}\n`);
    const program = join(cwd, "broker");
    await writeFile(program, `#!/bin/sh\necho 'mosquitto version ${version}'\n`, { mode: 0o700 });
    const { stderr } = await execa("sh", [join(ROOT_DIR, "broker/mosquitto/start.sh"), program], { cwd });
    return stderr;
  };

  it.each(["2.0.11", "2.0.15"])("%s with a public listener: a warning", async (version) => {
    expect(await startVersion(version, "listener 8883")).toContain(`Mosquitto ${version} is not safe on public`);
    expect(await startVersion(version, "listener 8883 192.0.2.1")).toContain("not safe");
  });

  it("loopback, a socket, and later versions: no warning", async () => {
    expect(await startVersion("2.0.11", "listener 1883 127.0.0.1")).toBe("");
    expect(await startVersion("2.0.11", "listener 0 /run/mosquitto.sock")).toBe("");
    for (const version of ["2.0.16", "2.0.18", "2.0.22", "2.1.2"])
      expect(await startVersion(version, "listener 8883")).toBe("");
  });

  it("no warning from the installed version on loopback addresses", async () => {
    expect(broker.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(await readFile(join(pathsOf(home).logs, "broker.log"), "utf8")).not.toContain("not safe");
  });
});

it("uses the pid_file of the operator: Mosquitto does not start with two", async () => {
  await expect.poll(() => existsSync(inState("running.conf"))).toBe(false);
  expect(Number(await readFile(inState("own.pid"), "utf8"))).toBeGreaterThan(1);
  expect(existsSync(inState("running.pid"))).toBe(false);
});
