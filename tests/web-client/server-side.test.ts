/**
 * On a server that renders pages, the logger sends no request, starts no timer and throws no error.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const probe = `
  const requests = [];
  globalThis.fetch = async (url) => { requests.push(url); return new Response(); };
  const { captureErrors, createLogger } = await import(process.argv[1]);
  const log = createLogger({ app: "shop", key: "k", endpoint: "http://127.0.0.1:9", consent: "pending" });
  const end = captureErrors(log);
  log.setConsent("granted");
  log.setUser({ id: "u-1" });
  const id = log.child({ a: 1 }).error(new Error("rendered"));
  const flushed = await log.flush();
  await log.close();
  end();
  process.stdout.write(JSON.stringify({ id, flushed, requests, counts: log.counts, status: log.status.state }));
`;

it("a logger on a server sends no request, and does not keep the process running", () => {
  const entry = fileURLToPath(new URL("../../web-client/logger/index.ts", import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", probe, entry], {
    encoding: "utf8",
    timeout: 10_000,
  });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  expect(JSON.parse(stdout)).toMatchObject({
    id: expect.stringMatching(/^[\da-f-]{36}$/),
    requests: [],
    counts: { queued: 0, inFlight: 0, stored: 0, rejected: 0, dropped: {} },
  });
});
