/** A real broker, Chromium, and pages that load one of the built clients: `/slim.js` or `/stock.js`. */
import { readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { transform } from "esbuild";
import mqtt, { type MqttClient } from "mqtt";
import type { Page } from "playwright-core";
import { RELAY_USERNAME } from "#contract/wire/topics.ts";
import { makeHome } from "../make-home.ts";
import { startBroker, type Broker } from "../../../stack/services/broker.ts";
import { DEMO_APP } from "../../../stack/lib/secrets.ts";
import { startBrowser } from "../browser.ts";
import { buildClient } from "./build-client.ts";
import type * as inPage from "./in-page.ts";

/** As strict as the policy of the real pages: no blob: Worker, no data: URL, no inline script. */
const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self' ws:";

export interface ClientBench extends AsyncDisposable {
  readonly broker: Broker;
  /** A page that has loaded neither client. */
  openPage(): Promise<Page>;
  /** Connects over plain MQTT as a client that may read all messages of apps. */
  connectReader(): Promise<MqttClient>;
  /** Credentials that a page's client connects with. */
  readonly credentials: { readonly username: string; readonly password: string };
}

type InPage = typeof inPage;
type Name = keyof { [Key in keyof InPage as InPage[Key] extends (arg: never) => unknown ? Key : never]: never };

/** Runs a function of in-page.ts in the page. */
export const runIn = <Key extends Name>(
  page: Page,
  name: Key,
  arg: Parameters<InPage[Key]>[0],
): Promise<Awaited<ReturnType<InPage[Key]>>> =>
  page.evaluate(`import("/in-page.js").then((module) => module.${name}(${JSON.stringify(arg)}))`);

const startFiles = async (): Promise<{ url: string } & AsyncDisposable> => {
  const files: Readonly<Record<string, string>> = {
    "/slim.js": (await buildClient("slim")).code,
    "/stock.js": (await buildClient("stock")).code,
    "/in-page.js": (await transform(await readFile(new URL("in-page.ts", import.meta.url)), { loader: "ts" })).code,
  };
  const server = createServer(({ url = "" }, response) => {
    const script = files[url];
    const type = script === undefined ? "text/html" : "text/javascript";
    response.writeHead(200, { "Content-Type": type, "Content-Security-Policy": POLICY });
    response.end(script ?? "<!doctype html><title>client</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

export const startClientBench = async (): Promise<ClientBench> => {
  await using stack = new AsyncDisposableStack();
  const home = await makeHome("edgelog-client");
  stack.defer(() => rm(home, { recursive: true, force: true }));
  const broker = await startBroker({ home });
  stack.defer(() => broker.stop());
  const files = stack.use(await startFiles());
  const browser = stack.use(await startBrowser());
  const rest = stack.move();
  return {
    broker,
    credentials: { username: DEMO_APP, password: broker.secrets.appKey },
    async openPage() {
      const page = await browser.context.newPage();
      await page.goto(files.url);
      return page;
    },
    connectReader: () =>
      mqtt.connectAsync(broker.mqttUrl, {
        protocolVersion: 5,
        clientId: "reader",
        username: RELAY_USERNAME,
        password: broker.secrets.relayPassword,
      }),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
};
