/**
 * Serves the demo and the console, and all other requests with the Worker's routes, as Cloudflare does. The files are read once, at
 * the start: requests share their memory and open no files, however many there are.
 */
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Hono } from "hono";
import { getMimeType } from "hono/utils/mime";
import type { AppAccess } from "../src/access/app-access.ts";
import { limitAddress } from "../src/access/rate-limit.ts";
import { toErrorResponse } from "../src/app.ts";
import { parseHeaderRules, toPageHeaders } from "./headers-file.ts";

/** Browsers revalidate a page each time; files in assets/ have a hash in their names and a longer time in `_headers`. */
const DEFAULT_CACHE = "public, max-age=0, must-revalidate";

const HEADERS_FILE = "_headers";

const INDEX_FILE = "index.html";

/** Encodings of the compressed copies next to a file, the smallest first, with the suffixes of their names. */
const ENCODINGS = { br: ".br", gzip: ".gz" } as const;

interface Page {
  readonly content: Buffer<ArrayBuffer>;
  readonly type: string;
  readonly modified: string;
}

/** The files of a directory by path, such as `/console/index.html`. */
const readPages = (dir: string): ReadonlyMap<string, Page> => {
  const names = globSync("**", { cwd: dir }).filter((name) => name !== HEADERS_FILE);
  const files = names.map((name) => ({ name, stats: statSync(join(dir, name)) })).filter(({ stats }) => stats.isFile());
  return new Map(
    files.map(({ name, stats }) => [
      `/${name}`,
      {
        content: readFileSync(join(dir, name)),
        type: getMimeType(name) ?? "application/octet-stream",
        modified: stats.mtime.toUTCString(),
      },
    ]),
  );
};

/** The copy of a page in an encoding that the client accepts. */
const findCompressed = (pages: ReadonlyMap<string, Page>, path: string, accepted: string) => {
  const names = new Set(accepted.split(",").map((each) => each.trim()));
  for (const [encoding, suffix] of Object.entries(ENCODINGS)) {
    const page = names.has(encoding) ? pages.get(`${path}${suffix}`) : undefined;
    if (page !== undefined) return { encoding, content: page.content };
  }
  return undefined;
};

/** @param dir The built pages. If it does not exist, there are no pages. */
export const withPages = (app: Hono<AppAccess>, dir: string): Hono<AppAccess> => {
  if (!existsSync(dir)) return app;
  const server = new Hono<AppAccess>();
  const headersFile = join(dir, HEADERS_FILE);
  const rules = existsSync(headersFile) ? parseHeaderRules(readFileSync(headersFile, "utf8")) : [];
  const pages = readPages(dir);
  server.get("*", async (c, next) => {
    const { path } = c.req;
    const file = path.endsWith("/") ? `${path}${INDEX_FILE}` : path;
    const page = pages.get(file);
    if (page === undefined && !pages.has(`${path}/${INDEX_FILE}`)) return await next();
    await limitAddress(c.req.raw, c.env);
    if (page === undefined) return c.redirect(`${path}/`, 307);
    const compressed = findCompressed(pages, file, c.req.header("Accept-Encoding") ?? "");
    const content = compressed?.content ?? page.content;
    c.header("Content-Type", page.type);
    if (compressed !== undefined) {
      c.header("Content-Encoding", compressed.encoding);
      c.header("Vary", "Accept-Encoding");
    }
    c.header("Content-Length", String(content.byteLength));
    c.header("Last-Modified", page.modified);
    c.header("Cache-Control", DEFAULT_CACHE);
    toPageHeaders(rules, path).forEach((value, name) => c.header(name, value));
    return c.body(content);
  });
  server.all("*", (c) => app.fetch(c.req.raw, c.env, c.executionCtx));
  server.onError(toErrorResponse);
  return server;
};
