/** The console in Chromium, with an OpenSearch and a Worker for this test file only. */
import type { Page } from "playwright-core";
import { buildPages } from "../../stack/lib/build-pages.ts";
import { startBrowser, type Browser } from "./browser.ts";
import { startReadStack, type ReadStack, type ReadStackOptions } from "./read-stack.ts";

export interface ConsolePage extends AsyncDisposable {
  readonly page: Page;
  /** Messages of uncaught errors and of violations of the Content-Security-Policy. */
  readonly errors: readonly string[];
}

export interface ConsoleFixture extends AsyncDisposable {
  readonly stack: ReadStack;
  readonly browser: Browser;
  /** Opens the console with a query string such as `?q=…`, signed in with the token of `reader`. */
  open(query: string, reader?: string): Promise<ConsolePage>;
}

export const startConsole = async (options: ReadStackOptions): Promise<ConsoleFixture> => {
  await buildPages();
  const stack = await startReadStack(options);
  const browser = await startBrowser();
  return {
    stack,
    browser,
    async open(query, reader = "reader") {
      const page = await browser.context.newPage();
      const errors: string[] = [];
      page.on("pageerror", ({ message }) => errors.push(message));
      page.on("console", (message) => {
        if (/Content Security Policy/i.test(message.text())) errors.push(message.text());
      });
      // The pages of a fixture share a browser: the console would ask before a link replaces the token of another reader.
      await page.addInitScript(() => {
        const token = new URLSearchParams(location.hash.slice(1)).get("token");
        if (token !== null) localStorage.setItem("edgelog.readerToken", token);
      });
      await page.goto(`${stack.worker.url}/console/${query}#token=${stack.tokens[reader]}`);
      return { page, errors, [Symbol.asyncDispose]: () => page.close() };
    },
    async [Symbol.asyncDispose]() {
      await browser[Symbol.asyncDispose]();
      await stack[Symbol.asyncDispose]();
    },
  };
};
