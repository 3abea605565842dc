/** The client of setup programs and commands, against a server that records its requests. */
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { makeHome } from "../../tests/support/make-home.ts";
import { connectOpenSearch, isNotFound, OpenSearchError } from "../connect.ts";

let home: string;
let server: Server;
let host: string;
let statuses: number[] = [];
let authorizations: (string | undefined)[] = [];

beforeAll(async () => {
  home = await makeHome("opensearch-connect");
  server = createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    response.writeHead(statuses.shift() ?? 200, { "Content-Type": "application/json" }).end('{"hello":1}');
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  vi.unstubAllEnvs();
  [statuses, authorizations] = [[], []];
});
afterAll(async () => {
  server?.close();
  await rm(home, { recursive: true, force: true });
});

describe(connectOpenSearch, () => {
  it.each([
    { url: "", isInFile: false, credentials: undefined },
    { url: "operator:p%40ss@", isInFile: false, credentials: "operator:p@ss" },
    { url: "", isInFile: true, credentials: "admin:s3cret:@" },
    { url: "operator:p%40ss@", isInFile: true, credentials: "operator:p@ss" },
  ])("sends $credentials, with $url in the URL and a user in the variables: $isInFile", async (row) => {
    if (row.isInFile) {
      const file = join(home, "password");
      await writeFile(file, "s3cret:@\n");
      vi.stubEnv("OPENSEARCH_USERNAME", "admin");
      vi.stubEnv("OPENSEARCH_PASSWORD_FILE", file);
    }
    await using opensearch = connectOpenSearch(`http://${row.url}${host}`);
    expect(await opensearch.request("GET", "/")).toEqual({ hello: 1 });
    expect(authorizations).toEqual([row.credentials && `Basic ${btoa(row.credentials)}`]);
  });

  it("repeats a request after 502, 503 and 504, as often as it may, and reports other statuses", async () => {
    statuses = [502, 503, 504];
    await using opensearch = connectOpenSearch(`http://${host}`);
    expect(await opensearch.request("PUT", "/index", {})).toEqual({ hello: 1 });
    statuses = [503];
    await using impatient = connectOpenSearch(`http://${host}`, { maxRetries: 0 });
    await expect(impatient.request("GET", "/")).rejects.toThrow(/^OpenSearch responded with 503 to GET \//);
    statuses = [404];
    const error: unknown = await opensearch.request("GET", "/nothing").catch((reason: unknown) => reason);
    expect([error instanceof OpenSearchError, isNotFound(error)]).toEqual([true, true]);
    expect(authorizations).toHaveLength(6);
  });
});
