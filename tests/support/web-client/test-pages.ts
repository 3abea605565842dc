/**
 * Chromium, a page with a logger, and a scripted server that the logger sends to: for tests of the browser logger without
 * broker, Worker and OpenSearch.
 */
import type { BrowserContext, Page } from "playwright-core";
import type { LoggerOptions } from "../../../web-client/logger/index.ts";
import type { SamplerOptions } from "../../../web-client/logger/event/sampler.ts";
import { startScriptedServer, type ScriptedServer, type SentEvent } from "./scripted-server.ts";
import { startBrowser } from "../browser.ts";
import { servePage } from "./serve-page.ts";

export interface OpenOptions {
  readonly options?: Partial<Omit<LoggerOptions, "beforeSend" | "connectMqtt" | "fetch">>;
  readonly sampler?: SamplerOptions;
  /** Runs before anything of the page. */
  readonly before?: string;
  /** Path and query. */
  readonly path?: string;
  /** `false`: the test makes its logger itself, of `window.options`. */
  readonly hasLogger?: boolean;
}

export interface TestPages extends AsyncDisposable {
  /** Of the app opened last. */
  origin(): string;
  /** Content-Security-Policies to send with files, by their paths. */
  readonly policies: Map<string, string>;
  readonly context: BrowserContext;
  readonly server: ScriptedServer;
  /**
   * Opens a page whose logger is `window.log`. Each page has its own app and origin, so that it finds no
   * events of another test's page. Options that are not data are set by the test.
   */
  open(options?: OpenOptions): Promise<Page>;
  /** Name of the app opened last. */
  app(): string;
  /** Everything that has arrived of the app opened last, each event once, in the order of the calls. */
  events(): readonly SentEvent[];
}

export const startTestPages = async (entry = "./toolbox.ts", ...others: readonly string[]): Promise<TestPages> => {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startScriptedServer());
  const site = stack.use(await servePage(entry, ...others));
  const { context } = stack.use(await startBrowser());
  let app = "";
  let opened = 0;
  const origin = (): string => site.originOf(app);
  const rest = stack.move();
  return {
    origin,
    policies: site.policies,
    context,
    server,
    async open({ options, sampler, before, path = "/", hasLogger = true } = {}) {
      opened += 1;
      const data = { app: `app-${opened}`, key: "elk_test", endpoint: server.endpoint, transport: "http", ...options };
      ({ app } = data);
      const page = await context.newPage();
      if (before !== undefined) await page.addInitScript(before);
      await page.goto(origin() + path);
      await page.waitForFunction(() => "edgelog" in globalThis);
      await page.evaluate(
        ([given, creates, samples]) => {
          const { createSampler } = globalThis.window.edgelog;
          const options = { ...given, ...(samples && { beforeSend: createSampler(samples) }) } as LoggerOptions;
          Object.assign(globalThis, { options });
          if (creates) Object.assign(globalThis, { log: globalThis.window.edgelog.createLogger(options) });
        },
        [data, hasLogger, sampler] as const,
      );
      return page;
    },
    app: () => app,
    events() {
      const known = new Map<string, SentEvent>();
      const own = server.requests.filter(({ batch }) => batch.resource["service.name"] === app);
      for (const { batch } of own) for (const event of batch.events) known.set(event.id, event);
      return [...known.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
};
