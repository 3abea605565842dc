/**
 * Serves the demo and the console from files, and all other requests with the Worker's routes, as Cloudflare does.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono, type Context } from "hono";
import type { AppAccess } from "../src/access/app-access.ts";
import { parseHeaderRules, toPageHeaders } from "./headers-file.ts";

/** Browsers revalidate a page each time; files in assets/ have a hash in their names and a longer time in `_headers`. */
const DEFAULT_CACHE = "public, max-age=0, must-revalidate";

const HEADERS_FILE = "_headers";

/** @param dir The built pages. If it does not exist, there are no pages. */
export const withPages = (app: Hono<AppAccess>, dir: string): Hono<AppAccess> => {
  if (!existsSync(dir)) return app;
  const server = new Hono<AppAccess>();
  const headersFile = join(dir, HEADERS_FILE);
  const rules = existsSync(headersFile) ? parseHeaderRules(readFileSync(headersFile, "utf8")) : [];
  const toApp = (c: Context<AppAccess>): Response | Promise<Response> => app.fetch(c.req.raw, c.env, c.executionCtx);
  server.get(`/${HEADERS_FILE}`, toApp);
  for (const index of globSync("*/**/index.html", { cwd: dir })) {
    const path = `/${dirname(index)}`;
    server.get(path, (c) => c.redirect(`${path}/`, 307));
  }
  server.get(
    "*",
    serveStatic({
      root: dir,
      precompressed: true,
      onFound: (_, c) => {
        c.header("Cache-Control", DEFAULT_CACHE);
        toPageHeaders(rules, c.req.path).forEach((value, name) => c.header(name, value));
      },
    }),
  );
  server.all("*", toApp);
  return server;
};
