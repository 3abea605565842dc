/**
 * Makes a fresh project with the built packages, builds it, and runs it in Chromium or Node.js against the stack. Reads its logs with
 * `/search`.
 */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import getPort from "get-port";
import type { SearchResponse } from "#contract/api/search.ts";
import { buildPackage } from "../build-package.ts";
import type { Browser } from "../browser.ts";
import type { TestStack } from "../test-stack.ts";
import type { Project, ProjectOptions } from "./project.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const WAIT_MS = 30_000;

/** Builds both packages. */
export const buildPackages = async (): Promise<void> => {
  for (const name of ["edgelog-web", "edgelog-node"] as const) await buildPackage(name);
};

/** Installs our packages and others into the folder of a project. */
export type Install = (folder: string, dependencies: readonly string[]) => Promise<void>;

/** Installs our packages with the commands of the guide, which are for applications outside of this repository. */
const installDocumented = async (folder: string, ...more: readonly string[]): Promise<void> => {
  const guide = await readFile(join(ROOT, "docs/guides/send.md"), "utf8");
  for (const [, args = ""] of guide.matchAll(/`npm (install [^`]*PATH\/[^`]*)`/g)) {
    await execa("npm", [...args.replace("PATH/", ROOT).split(" "), "--no-audit", "--no-fund", ...more], {
      cwd: folder,
    });
  }
};

/** With others from the registry, like a user of the packages. */
export const installFromRegistry: Install = async (folder, dependencies) => {
  // Before ours: a later `npm install` of others would replace the copies of our packages with links.
  if (dependencies.length > 0) {
    await execa("npm", ["install", "--no-audit", "--no-fund", ...dependencies], { cwd: folder });
  }
  await installDocumented(folder);
};

/** Without a network: links the others from this repository. */
export const installLinked: Install = async (folder, dependencies) => {
  await installDocumented(folder, "--offline");
  const modules = join(folder, "node_modules");
  for (const dependency of [...dependencies.map((each) => each.replace(/@[^@]*$/, "")), "winston-transport"]) {
    const target = join(modules, dependency);
    await mkdir(dirname(target), { recursive: true });
    await symlink(join(ROOT, "node_modules", dependency), target);
  }
};

const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

interface Served extends AsyncDisposable {
  readonly port: number;
}

/** Serves the files of a folder. Pages of other origins may load them, like from a CDN. */
const serveFolder = async (folder: string): Promise<Served> => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://page");
    const file = pathname === "/" ? "index.html" : pathname.slice(1);
    readFile(join(folder, file)).then(
      (content) => {
        response.setHeader("Access-Control-Allow-Origin", "*");
        response.setHeader("Content-Type", TYPES[extname(file)] ?? "application/octet-stream");
        response.end(content);
      },
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

const openPage = async (browser: Browser, url: string): Promise<void> => {
  const page = await browser.context.newPage();
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("console", (message) => errors.push(message.text()));
  try {
    await page.goto(url);
    await page.waitForFunction(() => ["stored", "lost"].includes(document.title), undefined, { timeout: WAIT_MS });
    if ((await page.title()) !== "stored") throw new Error("The page has events without a receipt");
  } catch (error) {
    throw new Error(`${url}: ${String(error)}\n${errors.join("\n")}`, { cause: error });
  } finally {
    await page.close();
  }
};

const startServer = async (folder: string, start: (port: number) => readonly string[]): Promise<Served> => {
  const port = await getPort();
  const child = spawn("npx", [...start(port)], { cwd: folder, stdio: "ignore", detached: true });
  const deadline = Date.now() + WAIT_MS;
  while (
    !(await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    ))
  ) {
    if (Date.now() > deadline) throw new Error(`The server in ${folder} does not respond`);
    await sleep(200);
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      const closed = once(child, "close");
      // The server and npx are one process group.
      if (child.pid !== undefined) process.kill(-child.pid);
      await closed;
    },
  };
};

export interface RunOptions {
  readonly stack: TestStack;
  readonly browser: Browser;
  readonly install: Install;
  /** Paths of the Node.js programs that run a program. */
  readonly nodes: readonly string[];
}

/** Texts of the logs with a marker, in alphabetical order. */
const findLogs = async ({ file, waitFor }: TestStack, marker: string, count: number): Promise<readonly string[]> => {
  const read = async (): Promise<readonly string[]> => {
    const url = new URL("/search", file.worker);
    url.searchParams.set("q", `project:${marker}`);
    const response = await fetch(url, { headers: { Authorization: `Bearer ${file.readerToken}` } });
    return ((await response.json()) as SearchResponse).hits.map(({ document }) => document.body);
  };
  return (await waitFor(`logs of ${marker}`, read, (texts) => texts.length >= count, 15_000)).toSorted();
};

/** Runs a project; returns the texts of its logs, for each version of Node.js that ran it. */
export const runProject = async (project: Project, options: RunOptions): Promise<readonly (readonly string[])[]> => {
  const { stack, browser, install, nodes } = options;
  const folder = await mkdtemp(join(tmpdir(), "edgelog-project-"));
  try {
    await install(folder, project.dependencies);
    const lib = join(folder, "node_modules/edgelog-web/lib");
    await using cdn = await serveFolder(lib);
    const marker = `p${Math.random().toString(36).slice(2)}`;
    const { app, worker, mqtts, ca } = stack.file;
    const values: ProjectOptions = {
      app: app.id,
      key: app.key,
      endpoint: worker,
      mqtts,
      cdn: `http://cdn.localhost:${cdn.port}`,
      integrity: JSON.parse(await readFile(join(lib, "integrity.json"), "utf8")) as Record<string, string>,
      marker,
    };
    for (const [path, content] of Object.entries(project.files(values))) {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      // npm has written the dependencies to package.json, if it installed them.
      const installed = path === "package.json" ? await readFile(file, "utf8").catch(() => "{}") : undefined;
      const merged =
        installed === undefined ? content : JSON.stringify({ ...JSON.parse(installed), ...JSON.parse(content) });
      await writeFile(file, merged);
    }
    if (project.build !== undefined) {
      const [command = "", ...args] = project.build;
      await execa(command, args, { cwd: folder, env: { NEXT_TELEMETRY_DISABLED: "1" } });
    }
    const { run, logs } = project;
    if (run.kind === "node") {
      const found: (readonly string[])[] = [];
      for (const [i, node] of nodes.entries()) {
        const env = { NODE_EXTRA_CA_CERTS: ca };
        await execa(node, [run.file, String(i), join(folder, `outbox${i}`)], { cwd: folder, env });
        found.push(await findLogs(stack, `${marker}${i}`, logs.length));
      }
      return found;
    }
    await using served =
      run.kind === "page" ? await serveFolder(join(folder, run.folder)) : await startServer(folder, run.start);
    const failing = run.kind === "server" ? run.failing : [];
    for (const path of failing) await fetch(`http://127.0.0.1:${served.port}${path}`);
    await openPage(browser, `http://shop.localhost:${served.port}/`);
    return [await findLogs(stack, marker, logs.length)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
