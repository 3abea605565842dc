/** start.sh with the settings of an operator. */
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeHome } from "../../../tests/support/make-home.ts";
import { startBroker, type Broker } from "../../../stack/services/broker.ts";
import { pathsOf } from "../../../stack/lib/state-dir.ts";

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

it("uses the pid_file of the operator: Mosquitto does not start with two", async () => {
  await expect.poll(() => existsSync(inState("running.conf"))).toBe(false);
  expect(Number(await readFile(inState("own.pid"), "utf8"))).toBeGreaterThan(1);
  expect(existsSync(inState("running.pid"))).toBe(false);
});
