/**
 * On a server that renders pages, the logger sends no request, starts no timer and throws no error. It warns once that it
 * needs the option `fetch` there.
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
  log.info("second");
  createLogger({ app: "shop", key: "k" }).info("of another logger");
  const flushed = await log.flush();
  await log.close();
  end();
  process.stdout.write(JSON.stringify({ id, flushed, requests, counts: log.counts, status: log.status.state }));
`;

it("a logger on a server sends no request, and does not keep the process running", () => {
  const entry = fileURLToPath(new URL("../../web-client/logger/index.ts", import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", probe, entry], {
    encoding: "utf8",
    timeout: 60_000,
  });
  const warning = "edgelog: Nothing is logged: outside of pages and Workers the logger needs the option `fetch`.\n";
  expect({ stderr, status }).toEqual({ stderr: warning, status: 0 });
  expect(JSON.parse(stdout)).toMatchObject({
    id: "",
    requests: [],
    counts: { queued: 0, inFlight: 0, stored: 0, rejected: 0, dropped: {} },
  });
});

const configure = `
  const urls = [];
  const fetch = async (url) => { urls.push(url); return new Response("", { status: 503 }); };
  const { createLogger } = await import(process.argv[1]);
  for (const options of JSON.parse(process.argv[2])) {
    const log = createLogger({ app: "shop", key: "k", transport: "http", fetch, ...options });
    log.info("text");
    await log.close(1);
    urls.push(log.url);
  }
  // Without waiting for the timeouts of the requests.
  process.stdout.write(JSON.stringify(urls.filter((url) => !url.includes("?"))), () => process.exit());
`;

const run = (options: readonly object[]): { readonly urls: readonly string[]; readonly stderr: string } => {
  const entry = fileURLToPath(new URL("../../web-client/logger/index.ts", import.meta.url));
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", configure, entry, JSON.stringify(options)],
    { encoding: "utf8", timeout: 10_000 },
  );
  return { urls: [...new Set(JSON.parse(stdout) as string[])], stderr };
};

it("the URL is the endpoint and the path, with one slash between them", () => {
  const { urls, stderr } = run([
    { endpoint: "https://logs.example.com", path: "logs" },
    { endpoint: "https://logs.example.com/", path: "/logs" },
    { endpoint: "https://logs.example.com/base/", path: "logs" },
    { endpoint: "http://127.0.0.1:8787", path: "/p/logs" },
  ]);
  expect(urls).toEqual([
    "https://logs.example.com/logs",
    "https://logs.example.com/base/logs",
    "http://127.0.0.1:8787/p/logs",
  ]);
  expect(stderr).toBe("");
});

it("an endpoint that is not an HTTP URL is reported once", () => {
  const { stderr } = run([{ endpoint: "logs.example.com" }, { endpoint: "logs.example.com" }, {}]);
  expect(stderr.split("\n")).toEqual([
    'edgelog: Nothing can be sent: "logs.example.com/logs" is not an http or https URL. Check the options `endpoint` and `path`.',
    'edgelog: Nothing can be sent: "undefined/logs" is not an http or https URL. Check the options `endpoint` and `path`.',
    "",
  ]);
});
