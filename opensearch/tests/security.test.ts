/** The setup of users and roles, against a TLS server that records requests to the security plugin's API. */
import { readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ALERTS_INDEX, LOGS_INDEX_PATTERN, REJECTED_INDEX_PATTERN } from "#contract/store/log-document.ts";
import { ERROR_GROUPS_INDEX } from "#contract/store/error-group.ts";
import { ERASURES_INDEX } from "#contract/store/erasure.ts";
import { RETENTION_INDEX } from "#contract/store/retention.ts";
import { STATUS_INDEX } from "#contract/store/status.ts";
import { USAGE_INDEX } from "#contract/store/usage.ts";
import { makeHome } from "../../tests/support/make-home.ts";
import { ROOT_DIR } from "../../stack/lib/state-dir.ts";
import { setUpSecurity, WORKER_USER } from "../security/setup.ts";

interface Call {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Record<string, unknown>;
}

let home: string;
let server: Server;
const calls: Call[] = [];

beforeAll(async () => {
  home = await makeHome("opensearch-security");
  await execa(join(ROOT_DIR, "broker", "mosquitto", "make-credentials.sh"), ["--dir", home]);
  const [cert, key] = await Promise.all(["crt", "key"].map((end) => readFile(join(home, `server.${end}`))));
  server = createServer({ cert, key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      calls.push({ path: `${request.method} ${request.url}`, authorization: request.headers.authorization, body });
      response.writeHead(200, { "Content-Type": "application/json" }).end('{"status":"OK"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  server?.close();
  await rm(home, { recursive: true, force: true });
});

const urlOf = (): string => `https://admin:secret@localhost:${(server.address() as AddressInfo).port}`;

describe(setUpSecurity, () => {
  it("creates a user and a role for the Worker", async () => {
    await setUpSecurity({ url: urlOf(), workerPassword: "a long password", ca: join(home, "ca.crt") });
    expect(calls.map(({ path }) => path.replace("/_plugins/_security/api", ""))).toEqual([
      "PUT /roles/edgelog_worker",
      "PUT /roles/edgelog_setup",
      "PUT /internalusers/edgelog-worker",
      "PUT /rolesmapping/edgelog_worker",
    ]);
    expect(new Set(calls.map(({ authorization }) => authorization))).toEqual(
      new Set([`Basic ${btoa("admin:secret")}`]),
    );
    expect(calls[2]?.body["password"]).toBe("a long password");
    expect(calls[3]?.body).toEqual({ users: [WORKER_USER] });
    const permissions = calls[0]!.body["index_permissions"] as {
      index_patterns: string[];
      allowed_actions: string[];
    }[];
    expect(permissions.flatMap((permission) => permission.index_patterns)).toEqual([
      LOGS_INDEX_PATTERN,
      REJECTED_INDEX_PATTERN,
      ALERTS_INDEX,
      USAGE_INDEX,
      ERROR_GROUPS_INDEX,
      ERASURES_INDEX,
      RETENTION_INDEX,
      STATUS_INDEX,
    ]);
    // No access to other indices, cluster settings, users or roles.
    for (const action of permissions.flatMap((permission) => permission.allowed_actions)) {
      expect(action).toMatch(/^indices:/);
    }
    expect(JSON.stringify(calls[0]?.body)).not.toMatch(/"\*"|"cluster_all"|"indices:\*"|security/);
  });

  it("sends no request to a cluster with an untrusted certificate", async () => {
    const before = calls.length;
    const attempt = setUpSecurity({ url: urlOf(), workerPassword: "a long password" });
    await expect(attempt).rejects.toThrow(/certificate/);
    expect(calls).toHaveLength(before);
  });
});

it.each(["opensearch/setup.ts", "opensearch/security/setup.ts", "stack/commands/rejected.ts list"])(
  "%s prints no password when it fails",
  async (command) => {
    const { exitCode, all } = await execa(process.execPath, command.split(" "), {
      cwd: ROOT_DIR,
      all: true,
      reject: false,
      env: {
        OPENSEARCH_URL: "http://operator:s3cret@127.0.0.1:1",
        OPENSEARCH_WORKER_PASSWORD: "w0rker",
        EDGELOG_WORKER_URL: "http://127.0.0.1:1",
        RELAY_TOKEN: "t0ken",
      },
    });
    expect(exitCode).toBe(1);
    expect(all).toContain("Cannot reach OpenSearch: connect ECONNREFUSED");
    for (const secret of ["s3cret", btoa("operator:s3cret"), "w0rker", "t0ken"]) expect(all).not.toContain(secret);
  },
);
