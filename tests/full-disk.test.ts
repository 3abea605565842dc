/** The relay and the server for one host while a disk is full. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeBundle } from "../stack/lib/cached-bundle.ts";
import { reservePort } from "../stack/lib/ports.ts";
import { formatError } from "../stack/lib/stack-error.ts";
import { writePrivate } from "../stack/lib/write-private.ts";
import { openKvFile } from "../worker/node/kv-file.ts";
import { findMountObstacle, mountFullDisk } from "./chaos/full-disk.ts";

const NO_LISTENER = "127.0.0.1:9";

let dir: string;
let server: string;
let relay: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "edgelog-full-disk-"));
  [server, relay] = [join(dir, "server.mjs"), join(dir, "relay.mjs")];
  await writeBundle("server", server);
  await writeBundle("relay", relay);
});
afterAll(() => rm(dir, { recursive: true }));

describe("log lines that cannot be written", () => {
  const toServer = (port: number) => ({
    program: server,
    env: {
      SERVER_PORT: String(port),
      SERVER_STATE_DIR: join(dir, "state"),
      OPENSEARCH_URL: `http://${NO_LISTENER}`,
      BROKER_URL: `http://${NO_LISTENER}`,
      RELAY_TOKEN: "t".repeat(32),
      SERVER_CRONS: "request",
    },
  });
  const toRelay = (port: number) => ({
    program: relay,
    env: {
      RELAY_BROKER_URL: `mqtt://${NO_LISTENER}`,
      RELAY_BROKER_PASSWORD: "p".repeat(32),
      RELAY_CLIENT_ID: "c".repeat(32),
      RELAY_WORKER_URL: `http://${NO_LISTENER}`,
      RELAY_TOKEN: "t".repeat(32),
      RELAY_HTTP_PORT: String(port),
    },
  });

  it.each([
    ["the server", toServer, 200],
    // It has no broker.
    ["the relay", toRelay, 503],
  ])("do not stop %s, nor its end", async (_, toProgram, status) => {
    const port = await reservePort();
    const { program, env } = toProgram(port);
    // A write to this device always fails with ENOSPC.
    const full = openSync("/dev/full", "w");
    const child = spawn(process.execPath, [program], {
      stdio: ["ignore", full, full],
      env: { PATH: process.env["PATH"], ...env },
    });
    closeSync(full);
    const exited = once(child, "exit");
    try {
      // The server logs a line about this header.
      const read = async (): Promise<number> => {
        const response = await fetch(`http://127.0.0.1:${port}/healthz`, {
          headers: { "X-Forwarded-For": "192.0.2.1" },
          signal: AbortSignal.timeout(5_000),
        });
        return response.status;
      };
      await expect.poll(() => read().catch(() => 0), { timeout: 30_000 }).toBe(status);
      expect(await read()).toBe(status);
      child.kill("SIGTERM");
      expect(await exited).toEqual([0, null]);
    } finally {
      child.kill("SIGKILL");
    }
  });
});

/** Runs `npm run reader`, whose standard output is on a full disk. */
const runReader = async (...args: readonly string[]): Promise<{ readonly stderr: string; readonly code: unknown }> => {
  const kv = join(dir, "kv.sqlite");
  openKvFile(kv)[Symbol.dispose]();
  const full = openSync("/dev/full", "w");
  const program = join(import.meta.dirname, "../stack/commands/reader.ts");
  const child = spawn(process.execPath, [program, ...args, "--kv", kv], { stdio: ["ignore", full, "pipe"] });
  closeSync(full);
  const [stderr, [code]] = await Promise.all([text(child.stderr ?? Readable.from([])), once(child, "close")]);
  return { stderr, code };
};

it("a token that cannot be printed is an error, which names the token", async () => {
  const { stderr, code } = await runReader("create", "--monitor");
  expect(stderr).toMatch(/lost: ENOSPC.*npm run reader -- revoke [0-9a-f]{8,}$/m);
  expect(code).toBe(1);
});

it("a list that cannot be written is an error", async () => {
  const { stderr, code } = await runReader("list");
  expect(stderr).toMatch(/^Standard output is not complete: ENOSPC/);
  expect(code).toBe(1);
});

const obstacle = await findMountObstacle();
if (obstacle !== undefined) console.warn(`Skipped: ${obstacle}`);

describe.skipIf(obstacle !== undefined)("the KV file", () => {
  const REMEDY = /kv\.sqlite: .*The disk is full, or the file cannot be written: free space/;

  it("can be read, also when it is opened again, and an error names it and the remedy", async () => {
    const disk = join(dir, "disk");
    await mkdir(disk);
    await using _ = await mountFullDisk(disk, 256);
    const path = join(disk, "kv.sqlite");
    {
      using ofServer = openKvFile(path);
      await ofServer.put("app:shop", '{"a":1}');
      // It stops at the end of the disk.
      await expect(writeFile(join(disk, "rest"), Buffer.alloc(512_000))).rejects.toThrow("ENOSPC");
      using ofCommand = openKvFile(path);
      expect(await ofCommand.get("app:shop")).toEqual({ a: 1 });
      const error = await ofCommand
        .put("app:more", JSON.stringify("x".repeat(20_000)))
        .catch((thrown: unknown) => thrown);
      expect(formatError(error)).toMatch(REMEDY);
      expect(formatError(error)).not.toContain("\n");
      const backup = join(disk, "apps.json");
      const failure = await writePrivate(backup, "x".repeat(20_000)).catch((thrown: unknown) => thrown);
      expect(formatError(failure)).toBe(`The disk is full (while writing ${backup}). Free some space and start again.`);
    }
    await rm(join(disk, "rest"));
    await expect(writeFile(join(disk, "rest"), Buffer.alloc(512_000))).rejects.toThrow("ENOSPC");
    using again = openKvFile(path);
    expect(await again.get("app:shop")).toEqual({ a: 1 });
    expect(() => openKvFile(join(disk, "new-kv.sqlite"))).toThrow(REMEDY);
  });
});
