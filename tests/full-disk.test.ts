/** The relay and the server for one host while a disk is full. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeBundle } from "../stack/lib/cached-bundle.ts";
import { reservePort } from "../stack/lib/ports.ts";

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
