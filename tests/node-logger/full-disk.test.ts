/**
 * The outbox of `edgelog-node` while its file cannot be written. The limit of the size of files is in place of a full disk, because it can be
 * removed.
 */
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { createOutboxFile } from "../../web-client/node/outbox-file.ts";
import type { Program } from "../support/node-logger/start-program.ts";
import { useOutbox } from "../support/node-logger/use-outbox.ts";
import { startScriptedServer } from "../support/web-client/scripted-server.ts";

/** The outbox tries again after 2 seconds. */
const POLL = { interval: 100 };

const outbox = useOutbox();

/** Logs a text, and what the test sends. A message can also shift the clock, and end the program. */
const SHIFT_CLOCK = `
const realNow = Date.now;
let shiftMs = 0;
Date.now = () => realNow() + shiftMs;
`;
const LOG_MESSAGES = `
const log = createLogger(options);
log.info("first");
process.on("message", async (message) => {
  shiftMs = message.shiftMs ?? 0;
  if (message.text) log.info(message.text);
  if (message.end === "exit") process.exit();
  if (message.end === "close") await log.close(0);
  if (message.end) process.disconnect();
});
`;

const start = (maxFileKb: number): Program => outbox.start(LOG_MESSAGES, { before: SHIFT_CLOCK, maxFileKb });

it("the outbox is written again when the disk has space, also if the clock is set back meanwhile", async () => {
  const { child, stderr, removeFileLimit } = start(4);
  await expect.poll(outbox.readBodies, POLL).toEqual(["first"]);
  child.send({ text: `second ${"x".repeat(5_000)}` });
  await expect.poll(stderr, POLL).toContain("The outbox cannot be written, so events are in memory only: EFBIG");
  removeFileLimit();
  child.send({ text: "third", shiftMs: -10_000 });
  await expect.poll(outbox.readBodies, POLL).toEqual(["first", "second", "third"]);
});

it("an outbox that cannot be opened at the start is opened when the disk has space", async () => {
  const { stderr, removeFileLimit } = start(0);
  await expect.poll(stderr, POLL).toContain("The outbox cannot be opened, so events are in memory only: EFBIG");
  removeFileLimit();
  await expect.poll(outbox.readBodies, POLL).toEqual(["first"]);
});

it.each(["exit", "close"])("%s: events that wait for the next attempt are written at the end", async (end) => {
  const { child, stderr, removeFileLimit } = start(4);
  await expect.poll(outbox.readBodies, POLL).toEqual(["first"]);
  child.send({ text: `second ${"x".repeat(5_000)}` });
  await expect.poll(stderr, POLL).toContain("The outbox cannot be written");
  removeFileLimit();
  const ended = once(child, "close");
  child.send({ end });
  await ended;
  expect(await outbox.readBodies()).toEqual(["first", "second"]);
});

it("events of an earlier process are sent while the disk is full, and the rewrite that failed leaves nothing", async () => {
  const earlier = start(64);
  await expect.poll(outbox.readBodies, POLL).toEqual(["first"]);
  earlier.child.send({ text: `second ${"x".repeat(5_000)}` });
  await expect.poll(outbox.readBodies, POLL).toEqual(["first", "second"]);
  await earlier.kill();
  // It was killed during a write.
  await appendFile(outbox.path, "cut off");
  await using server = await startScriptedServer();
  const options = `{ ...options, endpoint: ${JSON.stringify(server.endpoint)} }`;
  const { stderr } = outbox.start(LOG_MESSAGES.replace("options", options), { maxFileKb: 4 });
  const readSent = (): readonly string[] =>
    server.requests.flatMap(({ batch }) => batch.events.map(({ body }) => body));
  await expect.poll(readSent, POLL).toContainEqual(expect.stringMatching(/^second/));
  expect(existsSync(`${outbox.path}.new`)).toBe(false);
  expect(readFileSync(outbox.path, "utf8")).not.toContain("cut off");
  expect(stderr()).not.toContain("cannot be opened");
});

it("changes are written although the file cannot be rewritten", () => {
  const [path, text] = [outbox.path, "x".repeat(600_000)];
  const file = createOutboxFile(path);
  expect(file.open()).toBeUndefined();
  // The new file cannot be created.
  mkdirSync(`${path}.new`);
  for (const value of ["1", "2", "3"]) file.write([["key", value + text]]);
  file.close();
  expect(statSync(path).size).toBeGreaterThan(1_800_000);
  rmdirSync(`${path}.new`);
  const again = createOutboxFile(path);
  again.open();
  expect(again.records).toEqual(new Map([["key", `3${text}`]]));
  expect(statSync(path).size).toBeLessThan(700_000);
  again.close();
});
