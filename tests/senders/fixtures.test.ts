/**
 * The recorded requests of senders of other people ({@link SENDERS}), sent to the Worker's routes with an OpenSearch in this process. Record
 * them again with `npm run test:senders -- --record`.
 */
import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { createLocalStore, createLogsApp } from "../../worker/tests/support/logs-app.ts";
import { judge, type StoredLog } from "./expected-logs.ts";
import type { RecordedRequest } from "./recording-proxy.ts";

/** Number of logs of each sender. */
const COUNT = 6;

interface Fixture {
  readonly sender: string;
  readonly requests: readonly RecordedRequest[];
}

const folder = new URL("fixtures/", import.meta.url);
const fixtures = await Promise.all(
  (await readdir(folder)).map(async (name) => JSON.parse(await readFile(new URL(name, folder), "utf8")) as Fixture),
);

/** Fields that a sender does not send, or sends in its text only. */
const MISSING: Readonly<Record<string, readonly string[]>> = {
  "curl with an access log of nginx": ["level", "trace", "exception", "service"],
  "python-logging-loki (PyPI)": ["exception"],
  "rsyslog with omelasticsearch (Debian)": ["level", "trace", "exception"],
};

const replay = async ({
  requests,
}: Fixture): Promise<{ readonly logs: readonly StoredLog[]; readonly ids: string[] }> => {
  const store = createLocalStore();
  const app = createLogsApp(store.args);
  for (const { method, path, headers, body, status } of requests) {
    const bytes = "text" in body ? Buffer.from(body.text) : Buffer.from(body.base64, "base64");
    const response = await app.request(path, { method, headers, body: bytes });
    expect(response.status).toBe(status);
  }
  const logs = store.documents.map(({ source }) => JSON.parse(source) as StoredLog);
  return { logs, ids: store.documents.map(({ id }) => id) };
};

describe.each(fixtures)("$sender", (fixture) => {
  it("has each log once, with its fields", async () => {
    const { logs } = await replay(fixture);
    const { lost, doubled, fields } = judge(logs, COUNT);
    expect({ lost, doubled }).toEqual({ lost: 0, doubled: 0 });
    const missing = [...fields.matchAll(/\((\w+)\)/g)].map(([, name]) => name);
    expect(missing).toEqual(MISSING[fixture.sender] ?? []);
  });
});
