import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIndexTemplates } from "../../opensearch/index-templates.ts";
import { checkConfig } from "../deploy/check-config.ts";
import { checkOrigins } from "../deploy/check-origins.ts";
import { checkSecretNames, checkSecretValues, readSecretsFile } from "../deploy/check-secrets.ts";
import type { Finding } from "../lib/finding.ts";
import { readWranglerConfig } from "../lib/wrangler-config.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";

let dir: string;
let text: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "edgelog-deploy-"));
  text = await readFile(join(ROOT_DIR, "wrangler.toml"), "utf8");
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const namesOf = (findings: readonly Finding[], result: Finding["result"]): readonly string[] =>
  findings.filter((finding) => finding.result === result).map(({ name }) => name);

/** A copy of wrangler.toml in which `pattern`, which must occur, is replaced. */
const replace = (source: string, pattern: RegExp, replacement = ""): string => {
  expect(source).toMatch(pattern);
  return source.replace(pattern, replacement);
};

const read = async (config: string): Promise<ReturnType<typeof readWranglerConfig>> => {
  const path = join(dir, "wrangler.toml");
  await writeFile(path, config);
  return readWranglerConfig(path);
};

/** Sections of wrangler.toml: from their heading to the next blank line. */
const section = (heading: string): RegExp => new RegExp(`^\\[+${heading}\\]+\\n(?:.+\\n)*`, "m");

const OMISSIONS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["nodejs_compat", /"nodejs_compat",? ?/],
  ["global_fetch_strictly_public", /"global_fetch_strictly_public",? ?/],
  ["enable_request_signal", /(?:, )?"enable_request_signal"/],
  ["assets", section("assets")],
  ["build", section("build")],
  ["APPS", section("kv_namespaces")],
  ["RATE_APP_HIGH", /\[\[ratelimits\]\]\nname = "RATE_APP_HIGH"\n(?:.+\n)*/],
  ["crons", /, "\* \* \* \* \*"/],
  ["secrets.required", /"OPENSEARCH_URL", /],
  ["limits.cpu_ms", /^limits = .*\n/m],
  ["observability", /^invocation_logs = false\n/m],
];

describe("the check of wrangler.toml", () => {
  it("accepts the file of this repository", () => {
    const findings = checkConfig(readWranglerConfig(join(ROOT_DIR, "wrangler.toml")));
    expect(namesOf(findings, "failed")).toEqual([]);
    expect(namesOf(findings, "warning")).toEqual([]);
  });

  it.each(OMISSIONS)("reports by name that %s is missing", async (name, pattern) => {
    expect(namesOf(checkConfig(await read(replace(text, pattern))), "failed")).toEqual([name]);
  });

  it.each<[name: string, pattern: RegExp, replacement: string]>([
    ["APPS", /binding = "APPS"\n/, 'binding = "APPS"\nid = "replace-with-your-id"\n'],
    ["RATE_ADDRESS", /"471001"/, '"1001"'],
    ["crons", /"\* \* \* \* \*"/, '"*/5 * * * *"'],
    ["LONG_INDICES_FROM", /^\[vars\]\n/m, '[vars]\nLONG_INDICES_FROM = "tomorrow"\n'],
    ["RETENTION_MAX_DISK_PERCENT", /^\[vars\]\n/m, '[vars]\nRETENTION_MAX_DISK_PERCENT = "99"\n'],
  ])("reports a value of %s that does not work", async (name, pattern, replacement) => {
    expect(namesOf(checkConfig(await read(replace(text, pattern, replacement))), "failed")).toContain(name);
  });
});

const SECRETS = {
  OPENSEARCH_URL: "https://worker:pw@search.acme.io",
  BROKER_URL: "https://broker.acme.io",
  RELAY_TOKEN: "elt_0123456789abcdef0123456789abcdef",
};

describe("the check of the secrets", () => {
  it.each(Object.keys(SECRETS))("reports by name that %s is missing", (name) => {
    expect(namesOf(checkSecretValues({ ...SECRETS, [name]: "" }), "failed")).toEqual([name]);
    const set = Object.keys(SECRETS).filter((each) => each !== name);
    const list = JSON.stringify(set.map((each) => ({ name: each, type: "secret_text" })));
    expect(namesOf(checkSecretNames(`a line before\n${list}`, false), "failed")).toEqual([name]);
  });

  it.each([
    ["OPENSEARCH_URL", { OPENSEARCH_URL: "search.acme.io:9200" }],
    ["OPENSEARCH_URL", { OPENSEARCH_URL: "https://user:password@opensearch.example.com" }],
    ["BROKER_URL", { BROKER_URL: "ws://broker.acme.io" }],
    ["RELAY_TOKEN", { RELAY_TOKEN: "short" }],
    ["TAIL_PASSWORD", { TAIL_PASSWORD: "short" }],
    ["ACCESS_CLIENT_SECRET", { ACCESS_CLIENT_ID: "3f1c.access" }],
  ])("reports a malformed %s, and does not print its value", (name, values) => {
    const findings = checkSecretValues({ ...SECRETS, ...values });
    expect(namesOf(findings, "failed")).toEqual([name]);
    expect(JSON.stringify(findings)).not.toMatch(/short|password@/);
  });

  it("refuses the secrets in docs/operate/cloudflare.md until they are replaced", async () => {
    const guide = await readFile(join(ROOT_DIR, "docs/operate/cloudflare.md"), "utf8");
    const path = join(dir, "documented");
    await writeFile(path, (/<<'SECRETS'\n([^]*?)^ *SECRETS$/m.exec(guide)?.[1] ?? "").replaceAll(/^ +/gm, ""));
    expect(namesOf(checkSecretValues(await readSecretsFile(path)), "failed")).toEqual(
      expect.arrayContaining(["RELAY_TOKEN", "TAIL_PASSWORD", "ACCESS_CLIENT_ID", "ACCESS_CLIENT_SECRET"]),
    );
  });

  it("reports that wrangler is not logged in, or that the Worker does not exist yet", () => {
    expect(namesOf(checkSecretNames("You are not authenticated.", true), "failed")).toEqual(["Cloudflare"]);
    const findings = checkSecretNames("This Worker does not exist on your account. [code: 10007]", true);
    expect(namesOf(findings, "failed")).toEqual(Object.keys(SECRETS));
  });

  it("reads both formats of a file", async () => {
    const path = join(dir, "secrets");
    await writeFile(path, "# comment\nRELAY_TOKEN='a=b'\nBROKER_URL=http://b\n");
    expect(await readSecretsFile(path)).toEqual({ RELAY_TOKEN: "a=b", BROKER_URL: "http://b" });
    await writeFile(path, '{"RELAY_TOKEN":"a"}');
    expect(await readSecretsFile(path)).toEqual({ RELAY_TOKEN: "a" });
  });
});

/** The actions of OpenSearch that each request needs, as the audit log of the security plugin names them. */
const RIGHTS: Readonly<Record<string, readonly string[]>> = {
  "GET /": ["cluster:monitor/main"],
  "GET /_index_template/edgelog-*": ["indices:admin/index_template/get"],
  "GET /_cat/indices/logs-90d-*,logs-365d-*": [
    "cluster:monitor/health",
    "cluster:monitor/state",
    "indices:monitor/settings/get",
    "indices:monitor/stats",
  ],
};

describe("the check of the origins", () => {
  let server: Server;
  let url: string;
  let templates: Record<string, unknown>;
  let indices: readonly { readonly index: string }[] = [];
  let status = 200;
  const requested = new Set<string>();
  beforeAll(async () => {
    templates = { ...createIndexTemplates() };
    server = createServer((request, response) => {
      requested.add(`${request.method} ${request.url?.replace(/\?.*/, "")}`);
      response.writeHead(status, { "Content-Type": "application/json" });
      const index_templates = Object.entries(templates).map(([name, index_template]) => ({ name, index_template }));
      if (request.url === "/")
        response.end(JSON.stringify({ version: { number: "3.5.0", distribution: "opensearch" } }));
      else if (request.url?.startsWith("/_cat/indices") === true) response.end(JSON.stringify(indices));
      else response.end(JSON.stringify({ index_templates }));
    }).on("upgrade", (_request, socket) => {
      socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  const check = async (values: Record<string, string> = {}): Promise<readonly Finding[]> =>
    checkOrigins(await read(text), { ...SECRETS, OPENSEARCH_URL: url, BROKER_URL: url, ...values });

  it("accepts a cluster with the templates of this version, and a broker", async () => {
    expect(namesOf(await check(), "failed")).toEqual([]);
  });

  it("reports daily indices whose events would be stored again in the index of a week", async () => {
    indices = ["logs-90d-2026.10.31", "logs-90d-w2026.11.02"].map((index) => ({ index }));
    expect(namesOf(await check(), "failed")).toEqual([]);
    indices = [{ index: "logs-90d-2026.11.20" }];
    expect(namesOf(await check(), "failed")).toEqual(["LONG_INDICES_FROM"]);
    text = replace(text, /^\[vars\]\n/m, '[vars]\nLONG_INDICES_FROM = "2026-11-21"\n');
    expect(namesOf(await check(), "failed")).toEqual([]);
    indices = [];
  });

  it("reports unreachable services, refused credentials and old templates", async () => {
    const closed = "http://127.0.0.1:9";
    expect(namesOf(await check({ OPENSEARCH_URL: closed, BROKER_URL: closed }), "failed")).toEqual([
      "OpenSearch",
      "broker",
    ]);
    status = 302;
    expect((await check()).find(({ name }) => name === "OpenSearch")?.detail).toContain("service token");
    status = 200;
    const { "edgelog-logs": logs, ...others } = templates;
    templates = { ...others, "edgelog-rejected": logs };
    expect(namesOf(await check(), "failed")).toEqual(["template edgelog-logs", "template edgelog-rejected"]);
  });

  it("reports templates with the settings of another version", async () => {
    const current = createIndexTemplates();
    templates = { ...current, "edgelog-logs": { ...current["edgelog-logs"], version: 1 } };
    expect(namesOf(await check(), "failed")).toEqual(["template edgelog-logs"]);
    templates = current;
  });

  it("sends only requests that the role of the Worker allows, because OPENSEARCH_URL has its user", async () => {
    requested.clear();
    await check();
    const needed = [...requested].map((request) => RIGHTS[request]);
    const { edgelog_worker: role } = JSON.parse(
      await readFile(join(ROOT_DIR, "opensearch/security/roles.json"), "utf8"),
    ) as { edgelog_worker: { cluster_permissions: string[]; index_permissions: { allowed_actions: string[] }[] } };
    const allowed = [...role.cluster_permissions, ...(role.index_permissions[0]?.allowed_actions ?? [])];
    expect(needed).toHaveLength(3);
    expect(allowed).toEqual(expect.arrayContaining(needed.flat()));
  });
});

it("`npm run deploy -- --check` prints every missing thing, fails, and deploys nothing", async () => {
  const config = join(dir, "wrangler.toml");
  const secrets = join(dir, "secrets");
  let incomplete = text;
  for (const [, pattern] of OMISSIONS) incomplete = incomplete.replace(pattern, "");
  await writeFile(config, incomplete);
  await writeFile(secrets, "BROKER_URL=http://127.0.0.1:9\n");
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [join(ROOT_DIR, "stack/commands/deploy.ts"), "--check", "--config", config, "--secrets-file", secrets],
    { reject: false },
  );
  expect(exitCode).toBe(1);
  for (const name of [...OMISSIONS.map(([each]) => each), "OPENSEARCH_URL", "RELAY_TOKEN"]) {
    expect(stdout).toMatch(new RegExp(`^PROBLEM +${name.replaceAll(".", "\\.")}:`, "m"));
  }
  expect(stderr).toContain("Nothing was deployed");
});
