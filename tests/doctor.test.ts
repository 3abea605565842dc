/** The doctor against the complete stack: without a fault, and with faults that a scripted deployment cannot show. */
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT_DIR } from "../stack/lib/state-dir.ts";
import { startTestStack, type TestStack } from "./support/test-stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.[Symbol.asyncDispose]());

const run = async (
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<{ exitCode: number; output: string }> => {
  const { exitCode, all } = await execa(process.execPath, [join(ROOT_DIR, "stack/commands/doctor.ts"), ...args], {
    all: true,
    reject: false,
    env: { EDGELOG_HOME: stack.home, ...env },
  });
  return { exitCode: exitCode ?? -1, output: all };
};

const problemsOf = (output: string): readonly string[] =>
  [...output.matchAll(/^PROBLEM +(.+?): /gm)].map(([, name]) => name ?? "");

describe("npm run doctor", { timeout: 300_000 }, () => {
  it("sends an event over every route and finds no problem", async () => {
    const { exitCode, output } = await run();
    expect(problemsOf(output).filter((name) => name !== "console")).toEqual([]);
    for (const route of [
      "POST /logs",
      "MQTT over /mqtt",
      `MQTT over ${stack.file.mqtts}`,
      `MQTT over ${stack.file.wss}`,
    ]) {
      expect(output).toContain(`ok       ${route}: OpenSearch has the event`);
    }
    expect(output).toMatch(/^ok +search: finds all 4 events$/m);
    expect(output).toMatch(/^ok +live tail:/m);
    expect(output).toMatch(/^ok +certificate of localhost:\d+: valid for 39\d days$/m);
    expect(output).not.toContain(stack.file.app.key);
    expect([0, 1]).toContain(exitCode);
  });

  it("finds a wrong key over HTTP and over MQTT", async () => {
    const { exitCode, output } = await run({ EDGELOG_APP: "demo", EDGELOG_KEY: `elk_${"x".repeat(43)}` });
    expect(exitCode).toBe(1);
    expect(output).toMatch(/POST \/logs: 401: the key is wrong/);
    expect(output).toMatch(/MQTT over \/mqtt: the broker refuses user or password/);
  });

  it("finds a relay that is stopped", async () => {
    await stack.services.relay.stop();
    try {
      const { output } = await run();
      expect(problemsOf(output)).toEqual(expect.arrayContaining(["relay", "MQTT over /mqtt"]));
      expect(output).toContain("the relay is stopped, stuck, or has no session");
    } finally {
      await stack.services.relay.start();
    }
  });

  it("without credentials finds a broker that is stopped, and names the skipped checks", async () => {
    const { worker, mqtts, wss, ca } = stack.file;
    const args = [worker, "--broker", mqtts, "--broker", wss, "--ca", ca];
    const running = (await run({}, args)).output;
    for (const route of ["/mqtt", mqtts, wss])
      expect(running).toContain(`ok       MQTT over ${route}: the broker responds`);
    expect(problemsOf(running).filter((name) => name !== "console")).toEqual([]);
    expect(running).toMatch(/^skipped +relay: /m);
    expect(running).not.toContain("No problem found");
    await stack.services.broker.stop();
    try {
      const { exitCode, output } = await run({}, args);
      expect(exitCode).toBe(1);
      expect(problemsOf(output)).toEqual(
        expect.arrayContaining(["MQTT over /mqtt", `MQTT over ${mqtts}`, `MQTT over ${wss}`]),
      );
    } finally {
      await stack.services.broker.start();
    }
  });
});
