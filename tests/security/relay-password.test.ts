/** Changing the passwords of the relay and of live tails while an app sends, with the steps of docs/operate/broker.md. */
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { READER_USERNAME, RELAY_USERNAME, TAIL_USERNAME } from "#contract/wire/topics.ts";
import { pathsOf } from "../../stack/lib/state-dir.ts";
import { startRelay } from "../../stack/services/relay.ts";
import { tryConnect } from "../support/security/mqtt-client.ts";
import { startSteadySender, type SteadySender } from "../support/security/steady-sender.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";

const NEW_USER = `${RELAY_USERNAME}2`;
const newPassword = (): string => randomBytes(24).toString("base64url");

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.[Symbol.asyncDispose]());

const countStored = (body: string): Promise<number> => stack.count("logs-*", { match_phrase: { body } });

const waitForMore = async ({ ids }: SteadySender): Promise<void> => {
  const target = ids.length + 30;
  await stack.waitFor(
    "more events",
    async () => ids.length,
    (count) => count >= target,
  );
};

const setPassword = async (user: string, password: string): Promise<void> => {
  await execa("mosquitto_passwd", ["-b", pathsOf(stack.home).passwords, user, password]);
};

/** The lines of a user in the file `acl`, from `user` up to the next user or the patterns. */
const findUserLines = (acl: string, user: string): string => {
  const [lines = ""] = new RegExp(`^user ${user}\\n(?:topic .*\\n|#.*\\n)*`, "m").exec(acl) ?? [];
  return lines;
};

it("a second relay user replaces _relay, and no event is lost or stored twice", { timeout: 180_000 }, async () => {
  const { relay, broker } = stack.services;
  const { mqtt: brokerUrl, worker: workerUrl } = stack.file;
  const acl = join(pathsOf(stack.home).mosquitto, "acl");
  const password = newPassword();
  const sender = await startSteadySender(stack, "sent while the user changed");
  await waitForMore(sender);

  // Step 1: the second user.
  const before = await readFile(acl, "utf8");
  const own = findUserLines(before, RELAY_USERNAME);
  expect(own).toContain("topic read logs/#");
  await writeFile(acl, before.replace(own, `${own}${own.replaceAll(RELAY_USERNAME, NEW_USER)}`));
  await setPassword(NEW_USER, password);
  broker.kill("SIGHUP");
  await waitForMore(sender);

  // Step 2: the relay with the second user.
  await relay.stop();
  await using second = await startRelay({
    home: stack.home,
    brokerUrl,
    workerUrl,
    env: { RELAY_BROKER_USERNAME: NEW_USER, RELAY_BROKER_PASSWORD: password },
  });
  await waitForMore(sender);

  // Step 3: the first user is removed.
  const after = await readFile(acl, "utf8");
  await writeFile(acl, after.replace(own, ""));
  await execa("mosquitto_passwd", ["-D", pathsOf(stack.home).passwords, RELAY_USERNAME]);
  broker.kill("SIGHUP");
  await waitForMore(sender);
  await sender.stop();

  const old = { username: RELAY_USERNAME, password: broker.secrets.relayPassword };
  expect(await tryConnect(brokerUrl, old)).toBeUndefined();
  await stack.waitFor(
    "all events",
    () => countStored("sent while the user changed"),
    (count) => count >= sender.ids.length,
  );
  expect(await countStored("sent while the user changed")).toBe(sender.ids.length);
  const health = (await (await fetch(`${second.url}/healthz`)).json()) as { status: string };
  expect(health.status).toBe("ok");
});

it("the old password of _tail is refused after the change", { timeout: 60_000 }, async () => {
  const { mqtt: url, worker, readerToken } = stack.file;
  const password = newPassword();
  const old = { username: TAIL_USERNAME, password: stack.services.broker.secrets.tailPassword };
  await setPassword(TAIL_USERNAME, password);
  stack.services.broker.kill("SIGHUP");
  await expect
    .poll(async () => {
      await using client = await tryConnect(url, old);
      return client === undefined;
    })
    .toBe(true);
  await using changed = await tryConnect(url, { username: TAIL_USERNAME, password });
  expect(changed).toBeDefined();
  // The Worker still has the old one.
  const tail = { username: READER_USERNAME, password: readerToken };
  expect(await tryConnect(`${worker.replace("http", "ws")}/tail`, tail)).toBeUndefined();
});
