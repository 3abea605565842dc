/** Supervision of a real process: a small HTTP server with a child of its own that would keep the port. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { reservePort } from "../lib/ports.ts";
import { createPart, type Part, type PartOptions } from "../supervise/part.ts";
import { identify, isGroupAlive } from "../supervise/process-identity.ts";
import { answersOk } from "../supervise/wait-until-ready.ts";

const PROGRAM = `
  import { spawn } from "node:child_process";
  import { createServer } from "node:http";
  spawn("sleep", ["600"], { stdio: "ignore" });
  console.log("starting");
  if (process.argv[3] === "broken") throw new Error("no such luck");
  createServer((request, response) => response.end("ok")).listen(Number(process.argv[2]), "127.0.0.1");
`;

let home: string;
const parts: Part[] = [];

const create = async (more: Partial<PartOptions> = {}, mode = "good"): Promise<Part> => {
  const port = await reservePort();
  const part = createPart({
    name: "worker",
    command: process.execPath,
    args: [join(home, "program.mjs"), String(port), mode],
    cwd: home,
    env: {},
    log: join(home, "program.log"),
    isReady: () => answersOk(`http://127.0.0.1:${port}`),
    startDeadlineMs: 5_000,
    stopDeadlineMs: 2_000,
    ...more,
  });
  parts.push(part);
  return part;
};

beforeAll(async () => {
  home = await mkdtemp(join(process.env["EDGELOG_TEST_HOME"] ?? tmpdir(), "part-"));
  await writeFile(join(home, "program.mjs"), PROGRAM);
});

afterEach(async () => {
  await Promise.all(parts.splice(0).map((part) => part.stop()));
});

afterAll(() => rm(home, { recursive: true, force: true }));

describe(createPart, () => {
  it("starts again what was killed, without what the dead one left behind", async () => {
    const seen: (number | undefined)[] = [];
    const part = await create({ onProcess: (_, pid) => seen.push(pid) });
    await part.start();
    const first = part.pid!;
    process.kill(first, "SIGKILL");
    await expect.poll(() => part.pid).not.toBe(first);
    await part.ready();
    expect(isGroupAlive(first)).toBe(false);
    expect(identify(part.pid!)).toBeDefined();
    expect(seen).toEqual([first, undefined, part.pid]);
  });

  it("counts as not ready from the kill on", async () => {
    const part = await create();
    await part.start();
    const first = part.pid;
    part.kill("SIGKILL");
    await part.ready();
    expect(part.pid).not.toBe(first);
  });

  it("stays down when it was stopped, and comes back when it is started", async () => {
    const part = await create();
    await part.start();
    const first = part.pid!;
    await part.stop();
    expect(part.pid).toBeUndefined();
    expect(isGroupAlive(first)).toBe(false);
    await expect(part.ready()).rejects.toThrow("worker is not running");
    await part.start();
    expect(part.pid).not.toBe(first);
  });

  it("can be stopped while it is starting again", async () => {
    const part = await create();
    await part.start();
    part.kill("SIGKILL");
    await part.stop();
    expect(part.pid).toBeUndefined();
  });

  it("tells why a first start failed, with the end of the log", async () => {
    const part = await create({}, "broken");
    await expect(part.start()).rejects.toThrow(/worker ended with code 1[\s\S]*no such luck/);
    expect(part.pid).toBeUndefined();
  });

  it("tells that a program is missing", async () => {
    const part = await create({ command: join(home, "missing") });
    await expect(part.start()).rejects.toThrow(/ENOENT/);
  });

  it("gives up on a first start that takes too long", async () => {
    const part = await create({ isReady: async () => false, startDeadlineMs: 300 });
    await expect(part.start()).rejects.toThrow("was not ready");
    expect(part.pid).toBeUndefined();
  });
});
