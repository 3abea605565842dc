/**
 * The page in which clients are measured.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { transform } from "esbuild";
import type { BrowserContext, CDPSession, Page } from "playwright-core";
import type * as inPage from "./in-page.ts";

export interface ServedPages extends AsyncDisposable {
  readonly origin: string;
  /** Files that the page can load, by path. */
  readonly files: Map<string, Uint8Array>;
}

/** Serves pages that may use precise clocks. */
export const servePages = async (): Promise<ServedPages> => {
  const source = await readFile(new URL("in-page.ts", import.meta.url), "utf8");
  const { code } = await transform(source, { loader: "ts" });
  const files = new Map<string, Uint8Array>([["in-page.js", Buffer.from(code)]]);
  const server = createServer(({ url = "/" }, response) => {
    const file = files.get(url.slice(1));
    response.writeHead(200, {
      "content-type": file === undefined ? "text/html" : "text/javascript",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    response.end(file ?? '<!doctype html><title>bench</title><link rel="icon" href="data:,">');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    files,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

type Name = "begin" | "logBursts" | "loopErrors";

/** Runs a function of in-page.ts in the page. */
export const runIn = <Key extends Name>(
  page: Page,
  name: Key,
  arg: Parameters<(typeof inPage)[Key]>[0],
): Promise<Awaited<ReturnType<(typeof inPage)[Key]>>> =>
  page.evaluate(`import("/in-page.js").then((module) => module.${name}(${JSON.stringify(arg)}))`);

/** Duration of all main-thread tasks of the page since the DevTools session started. */
export const readTasksMs = async (devtools: CDPSession): Promise<number> => {
  const { metrics } = await devtools.send("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN) * 1_000;
};

export const openPage = async (context: BrowserContext, origin: string): Promise<[Page, CDPSession]> => {
  const page = await context.newPage();
  await page.goto(origin);
  // Loaded before the measurement, so that it does not count as the client's.
  await page.evaluate('import("/in-page.js")');
  const devtools = await context.newCDPSession(page);
  await devtools.send("Performance.enable");
  return [page, devtools];
};
