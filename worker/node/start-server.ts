/**
 * The Worker's routes and cron jobs in one process on one host, without Cloudflare: KV in a file, rate limits in memory,
 * the pages from a directory.
 */
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import type { IncomingMessage, RequestListener } from "node:http";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { getRequestListener } from "@hono/node-server";
import { MINUTE_MS } from "#contract/wire/durations.ts";
import { createApp } from "../src/app.ts";
import { CRON_JOBS } from "../src/crons.ts";
import type { Env } from "../src/env.ts";
import { createWarningLimit } from "../src/logger.ts";
import { runCron } from "../src/run-cron.ts";
import { setClientAddress } from "./client-address.ts";
import { MAX_RUN_MINUTES, startCronSchedule } from "./cron-schedule.ts";
import { openKvFile } from "./kv-file.ts";
import { refuseUpgrade, startListener, type Listener } from "./listener.ts";
import type { Logger } from "./logger.ts";
import { withPages } from "./pages.ts";
import { createRateLimiter, RATE_LIMITS } from "./rate-limits.ts";
import type { ServerConfig } from "./server-config.ts";
import { createNodeSockets, type Upgrade } from "./sockets.ts";
import { readTlsFiles, watchTlsFiles, type TlsWatch } from "./tls-files.ts";
import { createWebhookFetcher } from "./webhook-fetcher.ts";
import { watchKvFile } from "./watch-kv-file.ts";
import { messageOf } from "../src/message-of.ts";

/** Name of the KV file in the state directory. */
export const KV_FILE_NAME = "kv.sqlite";

/** Path at which Miniflare runs a cron line. */
const CRON_PATH = "/cdn-cgi/local/scheduled";

const KV_REMOVED =
  "the KV file was removed; its apps and tokens are used until the server ends, and none can be changed: put a copy back, or restart the server and import a backup";

export interface RunningServer {
  /** URL of the listener without TLS. */
  readonly url: string;
  /** Port of the public listener. `undefined` without TLS. */
  readonly tlsPort: number | undefined;
  /** Resolves when the server must be restarted, because its KV file was replaced. */
  readonly restartNeeded: Promise<void>;
  /** Reads the certificate and its key again. */
  readonly reload: () => Promise<void>;
  /** Finishes the requests in progress. Resolves to whether all of them ended in time. */
  readonly stop: () => Promise<boolean>;
}

const createEnv = (config: ServerConfig, kv: Env["APPS"]): Env => {
  const { worker } = config;
  const areWebhooksPublic = worker.ALLOW_PRIVATE_WEBHOOKS !== "true" && worker.ALLOW_LOOPBACK_WEBHOOKS !== "true";
  return {
    ...worker,
    MAY_CLOCK_BE_WRONG: true,
    APPS: kv,
    RATE_ADDRESS: createRateLimiter(config.addressLimit),
    RATE_APP_LOW: createRateLimiter(RATE_LIMITS.RATE_APP_LOW),
    RATE_APP_STANDARD: createRateLimiter(RATE_LIMITS.RATE_APP_STANDARD),
    RATE_APP_HIGH: createRateLimiter(RATE_LIMITS.RATE_APP_HIGH),
    ...(areWebhooksPublic ? { WEBHOOKS: createWebhookFetcher() } : {}),
  };
};

/** Work that continues after its response, such as that of a client that has gone. */
const createBackground = (log: Logger) => {
  const running = new Set<Promise<unknown>>();
  const add = (work: Promise<unknown>): void => {
    const settled = work.catch((error: unknown) =>
      log.error({ error: messageOf(error) }, "work after a response failed"),
    );
    running.add(settled);
    void settled.finally(() => running.delete(settled));
  };
  const finish = async (): Promise<void> => {
    while (running.size > 0) await Promise.all(running);
  };
  return { add, finish };
};

/** Resolves to whether `work` ended within `ms`. */
const endsWithin = async (work: Promise<unknown>, ms: number): Promise<boolean> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
  const isInTime = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return isInTime;
};

/** `undefined` if the target or the header `Host` is malformed. Anyone can send these, so they are not logged. */
const toUpgradeRequest = (incoming: IncomingMessage): Request | undefined => {
  const scheme = "encrypted" in incoming.socket ? "https" : "http";
  try {
    const url = new URL(incoming.url ?? "/", `${scheme}://${incoming.headers.host ?? "localhost"}`);
    const headers = new Headers();
    for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
      headers.append(incoming.rawHeaders[i] ?? "", incoming.rawHeaders[i + 1] ?? "");
    }
    // Throws if the URL has a user or a password.
    return new Request(url, { headers });
  } catch {
    return undefined;
  }
};

/** Rejects if a port is in use, or if the KV file or the certificate is not valid. */
export const startServer = async (config: ServerConfig, log: Logger): Promise<RunningServer> => {
  if (config.ca !== undefined) {
    setDefaultCACertificates([...getCACertificates("default"), readFileSync(config.ca, "utf8")]);
  }
  await mkdir(config.stateDir, { recursive: true, mode: 0o700 });
  const tls = config.tls === undefined ? undefined : { ...config.tls, files: await readTlsFiles(config.tls.paths) };
  const kvPath = join(config.stateDir, KV_FILE_NAME);
  const kv = openKvFile(kvPath);
  const env = createEnv(config, kv);
  const background = createBackground(log);
  const context = { waitUntil: background.add, passThroughOnException: () => undefined, props: {} } as ExecutionContext;
  const app = createApp();
  const sockets = createNodeSockets(env.BROKER_URL);

  const runLine = async (line: string, scheduledMs: number): Promise<boolean> => {
    try {
      await runCron(line, scheduledMs, env, background.add);
      return true;
    } catch (error) {
      log.warn({ cron: line, error: messageOf(error) }, "a cron job failed; it runs again at its next time");
      return false;
    }
  };
  const server = config.pagesDir === undefined ? app : withPages(app, config.pagesDir);
  if (!config.areCronsScheduled) {
    app.get(CRON_PATH, async (c) => c.text("", (await runLine(c.req.query("cron") ?? "", Date.now())) ? 200 : 500));
  }

  let hasWarned = false;
  const setAddress: (incoming: IncomingMessage) => void = (incoming) => {
    if (!setClientAddress(incoming, config.trustedProxies) || hasWarned) return;
    hasWarned = true;
    const peer = incoming.socket.remoteAddress;
    log.warn({ peer }, "X-Forwarded-For is ignored: if this is your reverse proxy, add it to SERVER_TRUSTED_PROXIES");
  };
  const handle = getRequestListener((request) => server.fetch(request, env, context));
  const onRequest: RequestListener = (incoming, outgoing) => {
    setAddress(incoming);
    void handle(incoming, outgoing);
  };
  const upgrade = async (request: Upgrade): Promise<void> => {
    const { incoming } = request;
    setAddress(incoming);
    const webRequest = toUpgradeRequest(incoming);
    if (webRequest === undefined) return await refuseUpgrade(request, new Response(null, { status: 400 }));
    let isUpgraded = false;
    const port = sockets.toPort(request, () => (isUpgraded = true));
    const response = await app.fetch(webRequest, { ...env, SOCKETS: port }, context);
    if (!isUpgraded) await refuseUpgrade(request, response);
  };
  const onUpgrade = (request: Upgrade): void => {
    upgrade(request).catch((error: unknown) => {
      log.warn({ error: messageOf(error) }, "an upgrade request failed");
      request.socket.destroy();
    });
  };

  // Strangers can cause these with each connection.
  const isWarningDue = createWarningLimit(MINUTE_MS);
  const common = {
    maxConnections: config.maxConnections,
    onRequest,
    onUpgrade,
    onError: ({ message }: Error) => {
      if (isWarningDue("error", Date.now())) log.error({ error: message }, "a connection was not accepted");
    },
    onDrop: () => {
      const { maxConnections } = config;
      if (isWarningDue("drop", Date.now()))
        log.warn({ maxConnections }, "new connections are closed: too many are open");
    },
    onFlood: (peer: string) => {
      if (isWarningDue("flood", Date.now())) {
        log.warn({ peer }, "a connection was closed: too many requests without reading the responses");
      }
    },
  };
  const listeners: Listener[] = [];
  let watch: TlsWatch | undefined;
  let stopCrons = (): void => undefined;
  let stopKvWatch = (): void => undefined;
  try {
    const plain = await startListener({ ...common, host: config.host, port: config.port });
    listeners.push(plain);
    let tlsPort: number | undefined;
    if (tls !== undefined) {
      const secure = await startListener({ ...common, host: tls.host, port: tls.port, tls: tls.files });
      listeners.push(secure);
      tlsPort = secure.port;
      log.info({ port: tlsPort, validTo: tls.files.validTo }, "listening with TLS");
      watch = watchTlsFiles({
        paths: tls.paths,
        current: tls.files,
        intervalMs: tls.reloadMs,
        onChange: (files) => {
          secure.replaceTls(files);
          log.info({ validTo: files.validTo }, "the certificate was replaced");
        },
        onInvalid: ({ message }) =>
          log.error({ error: message }, "the new certificate is not valid; the old one stays in use"),
      });
    }
    if (config.areCronsScheduled) {
      stopCrons = startCronSchedule({
        lines: Object.keys(CRON_JOBS),
        run: (line, scheduledMs) => {
          const work = runLine(line, scheduledMs).then(() => undefined);
          background.add(work);
          return work;
        },
        onOverdue: (line) => {
          log.error(
            { cron: line, minutes: MAX_RUN_MINUTES },
            "a cron job does not end; it runs again at its next time",
          );
        },
      });
    }
    const restartNeeded = Promise.withResolvers<void>();
    stopKvWatch = watchKvFile({
      kv,
      path: kvPath,
      onRemoved: () => log.error({ path: kvPath }, KV_REMOVED),
      onReplaced: () => {
        log.error(
          { path: kvPath },
          "the KV file was replaced; the server ends, so that its next start uses the new file",
        );
        restartNeeded.resolve();
      },
    });
    const host = config.host.includes(":") ? `[${config.host}]` : config.host;
    return {
      url: `http://${host}:${plain.port}`,
      tlsPort,
      restartNeeded: restartNeeded.promise,
      reload: async () => await watch?.check(),
      async stop() {
        stopCrons();
        stopKvWatch();
        watch?.stop();
        const stopped = Promise.all(listeners.map((listener) => listener.stop()));
        sockets.close();
        const isInTime = await endsWithin(stopped.then(background.finish), config.drainMs);
        for (const listener of listeners) listener.destroy();
        if (isInTime) kv[Symbol.dispose]();
        return isInTime;
      },
    };
  } catch (error) {
    for (const listener of listeners) listener.destroy();
    await Promise.all(listeners.map((listener) => listener.stop()));
    kv[Symbol.dispose]();
    throw error;
  }
};
