/**
 * A Cloudflare Worker whose modules create a logger and use it at their top level, for example because they also run in pages. workerd
 * starts no Worker that reads the clock, makes random values, sets a timer or sends a request there.
 */
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { beforeAll, expect, it } from "vitest";
import { buildPackage, folderOf } from "../support/build-package.ts";

const COMPATIBILITY_DATE = "2026-11-01";

beforeAll(() => buildPackage("edgelog-web"));

/** The text with which a Worker responds whose module begins with `code`. */
const responseOf = async (code: string): Promise<string> => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { captureErrors, createLogger } from "./index.js";
const options = { app: "shop", key: "elk_x", endpoint: "https://logs.example.com" };
${code}
export default { fetch: async () => new Response(await respond()) };`,
      resolveDir: `${folderOf("edgelog-web")}/lib`,
    },
    bundle: true,
    format: "esm",
    write: false,
    logLevel: "error",
  });
  const miniflare = new Miniflare({
    host: "127.0.0.1",
    cf: false, // otherwise it downloads a sample of request.cf
    telemetry: { enabled: false },
    logRequests: false,
    workers: [
      {
        config: {
          name: "shop",
          compatibilityDate: COMPATIBILITY_DATE,
          env: {},
          manifest: {
            mainModule: "index.js",
            modules: { "index.js": { type: "esm", contents: outputFiles[0]?.text ?? "" } },
          },
        },
      },
    ],
  });
  try {
    return await (await fetch(await miniflare.ready)).text();
  } finally {
    await miniflare.dispose();
  }
};

it("a logger at the top level of a module logs nothing, and the Worker starts", async () => {
  const response = responseOf(`
const log = createLogger({ ...options, consent: "pending" });
captureErrors(log);
const cartLog = log.child({ component: "cart" });
const ids = [log.info("Module loaded"), cartLog.error(new Error("at the top level"))];
log.setUser({ id: "u-1042" });
cartLog.setContext({ items: 2 });
log.setConsent("granted");
const respond = async () => {
  ids.push(log.warn("in a request"));
  return JSON.stringify({ ids, flushed: await log.flush() ?? "nothing", dropped: log.counts.dropped });
};`);
  expect(JSON.parse(await response)).toEqual({ ids: ["", "", ""], flushed: "nothing", dropped: {} });
});

it("a logger with the option `fetch` is created at the top level of a module, and logs in a request", async () => {
  const response = responseOf(`
const bodies = [];
const send = async (_url, { body }) => {
  bodies.push(body);
  return new Response("", { status: 503 });
};
const log = createLogger({ ...options, transport: "http", fetch: send });
const respond = async () => {
  log.info("Order placed");
  await log.flush(1);
  return bodies.join();
};`);
  expect(await response).toContain("Order placed");
});
