/** The built console in Chromium, with a local server whose API responses are set by the test. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { buildPages } from "../../stack/lib/build-pages.ts";
import { startBrowser } from "./browser.ts";

const DIST = fileURLToPath(new URL("../../web-client/dist/", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** Status and JSON body of a response. */
export interface ScriptedResponse {
  readonly status?: number;
  readonly body: unknown;
}

/** Responses by path, such as `/search`, for the parameters and the reader token of a request. Other paths have status 404. */
export type Script = Readonly<Record<string, (params: URLSearchParams, token: string) => ScriptedResponse>>;

export interface ScriptedConsole extends AsyncDisposable {
  /** Replaces the responses. */
  script: Script;
  /** Paths with parameters of the API requests so far. */
  readonly requests: readonly string[];
  /** Opens the console with a query string such as `?view=app&app=shop`. */
  open(query: string): Promise<Page>;
}

export const startScriptedConsole = async (): Promise<ScriptedConsole> => {
  await buildPages();
  const requests: string[] = [];
  const state: { script: Script } = { script: {} };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const scripted = state.script[pathname];
    if (scripted !== undefined) {
      requests.push(request.url ?? "");
      const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
      const { status = 200, body } = scripted(searchParams, token);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      return;
    }
    const path = join(DIST, pathname.endsWith("/") ? `${pathname}index.html` : pathname);
    readFile(path).then(
      (content) => response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "text/plain" }).end(content),
      () => response.writeHead(404, { "content-type": "application/json" }).end("{}"),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const browser = await startBrowser();
  return {
    get script() {
      return state.script;
    },
    set script(script) {
      state.script = script;
    },
    requests,
    async open(query) {
      const page = await browser.context.newPage();
      await page.goto(`http://127.0.0.1:${port}/console/${query}#token=reader`);
      return page;
    },
    async [Symbol.asyncDispose]() {
      await browser[Symbol.asyncDispose]();
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
};
