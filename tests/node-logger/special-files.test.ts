/**
 * An outbox of `edgelog-node` at a path where there is something else than a file. A device can only be created by root.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { expect, it } from "vitest";
import { useOutbox } from "../support/node-logger/use-outbox.ts";

const OUTBOX_FILE = new URL("../../web-client/node/outbox-file.ts", import.meta.url).href;
const POLL = { interval: 100 };

const outbox = useOutbox();

const createSocket = (path: string): void => {
  // The file of a socket whose server was killed remains.
  const code = `require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", code, path]);
};

const KINDS: readonly (readonly [kind: string, create: (path: string) => unknown])[] = [
  ["directory", (path) => mkdirSync(path)],
  ["FIFO", (path) => execFileSync("mkfifo", [path])],
  ["socket", createSocket],
  ...(process.getuid?.() === 0
    ? [["device", (path: string) => execFileSync("mknod", [path, "c", "1", "3"])] as const]
    : []),
];

/** Opens the outbox in a process, because a FIFO would block it, and prints why that is not possible. */
const openOutbox = (path: string): { readonly status: number | null; readonly stdout: string } => {
  const program = `
    import { createOutboxFile } from ${JSON.stringify(OUTBOX_FILE)};
    const file = createOutboxFile(process.argv[1]);
    try {
      console.log(file.open() ?? "opened");
      file.write([["key", "text"]]);
      file.close();
    } catch (error) {
      console.log(error.message);
    }`;
  return spawnSync(process.execPath, ["--input-type=module", "-e", program, path], {
    encoding: "utf8",
    timeout: 20_000,
    killSignal: "SIGKILL",
  });
};

/** Leaves the lock of a process that has ended on another host. */
const leaveOldLock = (path: string): void => {
  writeFileSync(path, JSON.stringify({ pid: 1, host: "other" }));
  utimesSync(path, 0, 0);
};

it.each(
  KINDS.flatMap(([kind, create]) =>
    ["", ".new", ".lock", ".lock.free"].map((suffix) => ({ kind, create, suffix, path: `{outbox}${suffix}` })),
  ),
)("a $kind at $path is not opened, replaced or deleted", ({ kind, create, suffix }) => {
  const path = outbox.path + suffix;
  create(path);
  const before = lstatSync(path);
  if (suffix === ".lock.free") leaveOldLock(`${outbox.path}.lock`);
  const { status, stdout } = openOutbox(outbox.path);
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${path} is a ${kind}, not a regular file\n` });
  const after = lstatSync(path);
  expect([after.ino, after.mode, after.rdev]).toEqual([before.ino, before.mode, before.rdev]);
});

it.each([".new", ".lock", ".lock.free"])("the file to which a link at {outbox}%s leads is not changed", (suffix) => {
  const [path, target] = [outbox.path + suffix, outbox.pathOf("target")];
  writeFileSync(target, "text of somebody else");
  symlinkSync(target, path);
  if (suffix === ".lock.free") leaveOldLock(`${outbox.path}.lock`);
  expect(openOutbox(outbox.path).stdout).toBe(`${path} is a symbolic link, not a regular file\n`);
  expect(readFileSync(target, "utf8")).toBe("text of somebody else");
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
});

it.each(["present", "missing"])("links are followed to a file that is %s, which is replaced in its folder", (state) => {
  const real = outbox.pathOf("volume/real");
  mkdirSync(outbox.pathOf("volume"));
  mkdirSync(outbox.pathOf("links"));
  // `..` is the folder of `elsewhere`, not that of the link to it.
  mkdirSync(outbox.pathOf("volume/elsewhere"));
  symlinkSync(outbox.pathOf("volume/elsewhere"), outbox.pathOf("links/folder"));
  symlinkSync("folder/../real", outbox.pathOf("links/second"));
  symlinkSync("links/second", outbox.path);
  if (state === "present") writeFileSync(real, "earlier\ttext\n");
  expect(openOutbox(outbox.path).stdout).toBe("opened\n");
  const earlier = state === "present" ? "earlier\ttext\n" : "";
  expect(readFileSync(real, "utf8")).toBe(`${earlier}key\ttext\n`);
  expect(lstatSync(outbox.path).isSymbolicLink()).toBe(true);
  expect(readdirSync(outbox.pathOf("volume")).toSorted()).toEqual(["elsewhere", "real"]);
});

it("a link and its file are one outbox with one owner", async () => {
  const real = outbox.pathOf("real");
  symlinkSync("real", outbox.path);
  outbox.start(`createLogger(options).info("first"); setInterval(() => {}, 1_000);`);
  await expect.poll(() => existsSync(`${real}.lock`), POLL).toBe(true);
  expect(openOutbox(real).stdout).toMatch(/^process \d+ on /);
});

it("links that form a loop, and an empty path, are refused", () => {
  symlinkSync("outbox", outbox.path);
  expect(openOutbox(outbox.path).stdout).toBe(`${outbox.path} is a symbolic link, not a regular file\n`);
  expect(openOutbox("").stdout).toBe("the path is empty\n");
});

it("a logger whose outbox is a FIFO does not block, and warns", async () => {
  execFileSync("mkfifo", [outbox.path]);
  const { stderr } = outbox.start(`createLogger(options).info("text"); setInterval(() => {}, 1_000);`);
  await expect
    .poll(stderr, POLL)
    .toContain(
      `The outbox cannot be opened, so events are in memory only: ${outbox.path} is a FIFO, not a regular file`,
    );
});
