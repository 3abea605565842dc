/** Commands against servers that respond with control characters, and with anything except the expected response. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, describe, expect, it } from "vitest";
import { ROOT_DIR } from "../lib/state-dir.ts";

const ESCAPE = "\u001b[2J";

let server: Server | undefined;
afterEach(() => server?.close());

const serve = async (respond: RequestListener): Promise<string> => {
  server = createServer(respond);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const run = async (
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> => {
  const path = join(ROOT_DIR, "stack/commands", command);
  const { all } = await execa(process.execPath, [path, ...args], { reject: false, all: true, env });
  return all;
};

const HEALTH = { status: "degraded", opensearch: "up", checkedAt: "2026-11-29T12:00:00.000Z" };
const CREDENTIALS = { EDGELOG_APP: "shop", EDGELOG_KEY: "elk_key", EDGELOG_READER_TOKEN: "elr_token" };

describe("npm run doctor", () => {
  it("escapes control characters in what the Worker responds", async () => {
    const problems = [{ code: "index_red", message: `red ${ESCAPE}` }];
    const url = await serve((request, response) =>
      response.end(
        request.url === "/healthz"
          ? JSON.stringify({ ...HEALTH, problems })
          : JSON.stringify({
              v: 1,
              stored: 0,
              duplicates: 0,
              rejected: [{ index: 0, reason: "invalid_event", message: ESCAPE }],
            }),
      ),
    );
    const output = await run("doctor.ts", [url], { EDGELOG_APP: "shop", EDGELOG_KEY: "elk_key", RELAY_URL: url });
    expect(output).toContain(String.raw`red \u001b[2J`);
    expect(output).not.toContain("\u001b");
    expect(output).toMatch(/problem\(s\)/);
  });

  it("reports each check that gets something other than JSON, and continues", async () => {
    const url = await serve((request, response) =>
      response.end(request.url === "/healthz" ? JSON.stringify({ ...HEALTH, problems: [] }) : "<p>hello"),
    );
    const output = await run("doctor.ts", [url], { ...CREDENTIALS, RELAY_URL: url });
    expect(output).toContain("POST /logs: the response is not a receipt");
    expect(output).toContain("cron jobs: GET /usage does not respond with usage");
    expect(output).not.toContain("    at ");
  });
});

describe("npm run rejected", () => {
  it("escapes control characters in what OpenSearch responds", async () => {
    const url = await serve((_, response) => {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { type: "parsing", reason: ESCAPE }, status: 400 }));
    });
    const env = { OPENSEARCH_URL: url, EDGELOG_WORKER_URL: url, RELAY_TOKEN: "token" };
    const output = await run("rejected.ts", ["list"], env);
    expect(output).toContain("OpenSearch responded with 400");
    expect(output).not.toContain("\u001b");
  });
});
