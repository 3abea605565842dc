/** Commands against servers that respond with control characters, and with anything except the expected response. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startCommandHost, type CommandHost } from "../../tests/support/commands/command-host.ts";
import { makeHome } from "../../tests/support/make-home.ts";

const ESCAPE = "\u001b[2J";

let host: CommandHost;
beforeAll(() => {
  host = startCommandHost();
});
afterAll(() => host[Symbol.asyncDispose]());

let server: Server | undefined;
afterEach(() => server?.close());

const serve = async (respond: RequestListener): Promise<string> => {
  server = createServer(respond);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const run = async (command: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> =>
  (await host.run(command, args, env)).all;

const HEALTH = { status: "degraded", opensearch: "up", checkedAt: "2026-11-29T12:00:00.000Z" };
const CREDENTIALS = { EDGELOG_APP: "shop", EDGELOG_KEY: "elk_key", EDGELOG_READER_TOKEN: "elr_token" };

describe("a command line", () => {
  const COMMANDS = [
    "app",
    "backup",
    "deploy",
    "doctor",
    "erase",
    "reader",
    "rejected",
    "reset",
    "retention",
    "serve",
    "start",
    "stop",
  ];
  let home: string;
  beforeEach(async () => {
    home = await makeHome("command-line");
    await mkdir(join(home, "worker"));
    return () => rm(home, { recursive: true, force: true });
  });

  it.each(COMMANDS)("npm run %s -- --help prints the usage, and does nothing else", async (command) => {
    expect(await run(`${command}.ts`, ["--help"], { EDGELOG_HOME: home })).toMatch(/^Usage: npm (?:start|run )/);
    expect(await readdir(home)).toEqual(["worker"]);
  });

  it.each(COMMANDS)("npm run %s refuses an unknown option, and does nothing else", async (command) => {
    const output = await run(`${command}.ts`, ["--bogus"], { EDGELOG_HOME: home });
    expect(output.trim()).toBe("Unknown option '--bogus'. To list the options, append `-- --help` to the command.");
    expect(await readdir(home)).toEqual(["worker"]);
  });

  it.each(["app", "backup", "reader", "rejected", "retention"])(
    "npm run %s names an unknown command",
    async (command) => {
      expect(await run(`${command}.ts`, ["creat"], { EDGELOG_HOME: home })).toMatch(
        /^Unknown command: creat\n\nUsage: /,
      );
    },
  );

  it.each([
    [
      "app",
      ["create", "My Shop"],
      "Invalid app id: My Shop. Use up to 64 lower-case letters, digits and inner hyphens.",
    ],
    ["app", ["create", "shop", "--retention", "45"], "--retention: use one of 7, 30, 90, 365 days"],
    [
      "app",
      ["create", "shop", "--origin", "shop.example"],
      "--origin: write it as https://host or http://host:port, without a path",
    ],
    ["reader", ["create", "--app", "shop", "--days", "abc"], "--days: use a number of days up to 3650"],
  ])("npm run %s explains an invalid value: %j", async (command, args, message) => {
    expect(await run(`${command}.ts`, args, { EDGELOG_HOME: home })).toBe(message);
  });

  it.each([
    ["app", "usage"],
    ["retention", "holds"],
    ["rejected", "list"],
  ])("npm run %s -- %s needs a running stack or OPENSEARCH_URL, and nothing else", async (command, argument) => {
    expect(await run(`${command}.ts`, [argument], { EDGELOG_HOME: home })).toBe(
      "No stack is running. Start one, or set OPENSEARCH_URL.",
    );
    expect(
      await run(`${command}.ts`, [argument], { EDGELOG_HOME: home, OPENSEARCH_URL: "http://127.0.0.1:1" }),
    ).toMatch(/^Cannot reach OpenSearch: /);
  });
});

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
    expect(output).toMatch(/^\d+ problems?, see above/m);
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
