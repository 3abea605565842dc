/** Changing the relay's client id while apps send, with the steps and the script of docs/operate/broker.md. */
import { createHmac, randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import mqtt from "mqtt";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RELAY_USERNAME } from "#contract/wire/topics.ts";
import { pathsOf, ROOT_DIR } from "../../stack/lib/state-dir.ts";
import { startRelay } from "../../stack/services/relay.ts";
import { startSteadySender } from "../support/security/steady-sender.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.[Symbol.asyncDispose]());

const readMetric = async (relayUrl: string, name: string): Promise<number> => {
  const text = await (await fetch(`${relayUrl}/metrics`)).text();
  return Number(new RegExp(`^edgelog_relay_${name} (\\S+)$`, "m").exec(text)?.[1]);
};

/** The script in the documentation, with the paths and the port of this stack. */
const readScript = async (): Promise<string> => {
  const page = await readFile(join(ROOT_DIR, "docs", "operate", "broker.md"), "utf8");
  const script = /^ *```sh\n(.*?)^ *```$/ms.exec(page)?.[1] ?? "";
  return script
    .replace("cd broker/mosquitto/state", `cd '${pathsOf(stack.home).mosquitto}'`)
    .replace("-p 1883", `-p ${new URL(stack.file.mqtt).port}`);
};

const hasSession = async (clientId: string, password: string): Promise<boolean> => {
  const client = mqtt.connect(stack.file.mqtt, {
    protocolVersion: 5,
    clientId,
    username: RELAY_USERNAME,
    password,
    clean: false,
    reconnectPeriod: 0,
  });
  const isPresent = await new Promise<boolean>((resolve, reject) => {
    client.once("connect", ({ sessionPresent }) => resolve(sessionPresent)).once("error", reject);
  });
  await client.endAsync();
  return isPresent;
};

it("loses and duplicates no event with an id", { timeout: 180_000 }, async () => {
  const { relay, broker } = stack.services;
  const { relayClientId: oldId, relayPassword: oldPassword } = broker.secrets;
  const { mqtt: brokerUrl, worker: workerUrl } = stack.file;
  const sender = await startSteadySender(stack, "sent during the change");
  await stack.waitFor(
    "first events",
    async () => sender.ids.length,
    (count) => count > 20,
  );

  const files = join(stack.home, "second-relay");
  await mkdir(files);
  const env = {
    RELAY_CLIENT_ID: `relay-${randomBytes(32).toString("base64url")}`,
    RELAY_STATE_FILE: join(files, "state.json"),
    RELAY_HANDOVER_FILE: join(files, "handover.json"),
  };
  await using second = await startRelay({ home: stack.home, brokerUrl, workerUrl, env });
  await stack.waitFor(
    "the old relay's queue",
    () => readMetric(relay.url, "oldest_unacknowledged_seconds"),
    (seconds) => seconds < 1,
  );
  await relay.stop();
  const script = await readScript();
  expect(script).toContain("openssl dgst");
  await execa("sh", ["-c", script], { env: { OLD_CLIENT_ID: oldId, RELAY_PASSWORD: oldPassword } });
  const session = createHmac("sha256", oldId).update("demo").digest("hex");
  for (const id of [oldId, session]) expect(await hasSession(id, oldPassword)).toBe(false);

  const before = sender.ids.length;
  await stack.waitFor(
    "events at the new relay",
    async () => sender.ids.length,
    (count) => count > before + 20,
  );
  await sender.stop();

  await stack.waitFor(
    "all events",
    () => stack.count("logs-*", { match_phrase: { body: "sent during the change" } }),
    (count) => count >= sender.ids.length,
  );
  expect(await stack.count("logs-*", { match_phrase: { body: "sent during the change" } })).toBe(sender.ids.length);
  expect(await readMetric(second.url, "sessions_lost_total")).toBe(0);
});
