/**
 * Chromium, a page with a logger, and a scripted server to which the logger sends: for tests of the browser logger
 * without broker, Worker and OpenSearch.
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
  /** Source of a script that runs before the scripts of the page. */
  readonly before?: string;
  /** Path and query of the page's URL. */
  readonly path?: string;
  /** `false`: the test creates the logger with the options in `window.options`. */
  readonly hasLogger?: boolean;
}

export interface TestPages extends AsyncDisposable {
  /** Origin of the page that was opened last. */
  origin(): string;
  /** Content-Security-Policies by the paths of the files that they are sent with. */
  readonly policies: Map<string, string>;
  readonly context: BrowserContext;
  readonly server: ScriptedServer;
  /**
   * Opens a page whose logger is `window.log`. Each page has its own app and origin, so that it finds no events of
   * other tests. Options that are functions have to be set by the test.
   */
  open(options?: OpenOptions): Promise<Page>;
  /** App of the page that was opened last. */
  app(): string;
  /**
   * The events that the server has received from the page that was opened last, without duplicates, in the order of the
   * calls.
   */
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
