/**
 * The outbox of `edgelog-node` in containers that share a folder and a host name.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { afterEach, expect, it } from "vitest";
import { NODE_MODULE } from "../support/node-logger/start-process.ts";
import { useOutbox } from "../support/node-logger/use-outbox.ts";

const POLL = { interval: 100 };
/** Starts a program as process 1 of a separate namespace, like a container. */
const UNSHARE = ["--pid", "--fork", "--kill-child", "--mount-proc"];
const canUnshare = spawnSync("unshare", [...UNSHARE, "true"]).status === 0;

const outbox = useOutbox();
const containers: ChildProcess[] = [];
afterEach(async () => {
  for (const container of containers.splice(0)) {
    container.kill("SIGKILL");
    await once(container, "close");
  }
});

/** Logs a text, and keeps running. Returns a function for its standard error. */
const startContainer = (text: string): (() => string) => {
  const code = `
    const { createLogger } = await import(${JSON.stringify(NODE_MODULE)});
    createLogger(${JSON.stringify(outbox.options)}).info(${JSON.stringify(text)});
    setInterval(() => {}, 1_000);`;
  const child = spawn("unshare", [...UNSHARE, process.execPath, "--input-type=module", "-e", code]);
  containers.push(child);
  let stderr = "";
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  return () => stderr;
};

it.skipIf(!canUnshare)("a process does not take the outbox of one with the same id in another container", async () => {
  startContainer("first");
  await expect.poll(outbox.readBodies, POLL).toEqual(["first"]);
  const stderr = startContainer("second");
  await expect.poll(stderr, POLL).toContain("The outbox is in use by process 1 on ");
  expect(await outbox.readBodies()).toEqual(["first"]);
});

it("a process whose outbox another one has taken over stops writing, and warns", async () => {
  const logMessages = `
    const log = createLogger(options);
    log.info("first");
    process.on("message", (text) => {
      log.info(text);
      setImmediate(() => setTimeout(() => process.send("logged"), 10));
    });`;
  const { child, stderr } = outbox.start(logMessages);
  await expect.poll(outbox.readBodies, POLL).toEqual(["first"]);
  const lock = JSON.parse(await readFile(`${outbox.path}.lock`, "utf8")) as { readonly pid: number };
  await writeFile(`${outbox.path}.lock`, JSON.stringify({ ...lock, pid: 1, token: "of another process" }));
  await expect.poll(stderr, POLL).toContain("The outbox was taken over by process 1 on ");
  child.send("second");
  await once(child, "message");
  expect(await outbox.readBodies()).toEqual(["first"]);
  await rm(`${outbox.path}.lock`);
  // Its records are written again.
  await expect.poll(async () => [...new Set(await outbox.readBodies())], POLL).toEqual(["first", "second"]);
});
