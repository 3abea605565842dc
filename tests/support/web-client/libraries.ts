/**
 * A page with the libraries for which the package has adapters or recipes. The recipes are those of
 * web-client/package/README.md.
 */
import { configure, getLogger } from "@logtape/logtape";
import pino from "pino";
import { Component, createElement, useEffect, useState, type ErrorInfo, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { mount } from "svelte";
import { createApp, h, ref } from "vue";
import type { Logger } from "../../../web-client/logger/index.ts";
import { EdgelogProvider, useLogger } from "../../../web-client/frameworks/react.ts";
import Boundary from "./boundary.svelte";
import { toolbox } from "./toolbox.ts";

const target = (): HTMLElement => document.body.appendChild(document.createElement("main"));

/** Parsed JSON of others. */
const hostile = (): Record<string, unknown> =>
  JSON.parse('{"__proto__":{"hidden":1},"message":{"toString":1},"n":4}') as Record<string, unknown>;

/** Throws when its button is clicked, like the components of the other frameworks. */
const Cart = (): ReactNode => {
  const [isBroken, setIsBroken] = useState(false);
  const cart = isBroken ? undefined : { items: 2 };
  return createElement("button", { onClick: () => setIsBroken(true) }, cart!.items); // oxlint-disable-line typescript/no-non-null-assertion -- the error under test
};

const libraries = {
  pino(log: Logger): void {
    const logger = pino({
      level: "trace",
      browser: { write: () => {}, transmit: { level: "debug", ...toolbox.toPinoTransmit(log) } },
    });
    logger.trace("below the level of transmit");
    logger.debug({ n: 1 }, "with %s", "values");
    logger.child({ component: "cart" }).warn({ n: 2 }, "from a child");
    logger.error(new TypeError("no card"));
    logger.fatal({ err: new TypeError("no card"), n: 3 }, "payment failed");
    logger.info(hostile(), "hostile");
    logger.info(hostile());
  },

  async logTape(log: Logger): Promise<void> {
    await configure({
      sinks: { edgelog: toolbox.toLogTapeSink(log) },
      loggers: [
        { category: "shop", sinks: ["edgelog"], lowestLevel: "debug" },
        { category: ["logtape", "meta"], sinks: [] },
      ],
    });
    const logger = getLogger(["shop", "cart"]);
    logger.trace("below the level");
    logger.info("Put {item} into the cart", { item: "apples", n: 1 });
    logger.warning`Only ${3} left`; // oxlint-disable-line no-unused-expressions -- LogTape logs with tagged templates
    logger.error("Payment failed: {error}", { error: new TypeError("no card") });
    logger.fatal("The end");
  },

  console(log: Logger): void {
    const console = toolbox.toConsole(log);
    console.debug("details");
    console.log("Slow", 812, "ms");
    console.info("Order placed", { "order.id": "o-1" });
    console.info("%s did %o", "Ann", { n: 1 }, { "order.id": "o-1" });
    console.warn({ only: "an object" });
    console.error(new TypeError("no card"), { n: 1 });
    console.error("Payment failed", new TypeError("no card"));
    console.trace("here");
    const unreadable = {
      get bad() {
        throw new Error("no");
      },
    };
    console.error(new TypeError("no card"), Object.assign(unreadable, { n: 2 }));
  },

  react(log: Logger): void {
    class Guard extends Component<{ readonly children: ReactNode }> {
      override readonly state = { hasFailed: false };
      static getDerivedStateFromError = (): object => ({ hasFailed: true });
      override componentDidCatch(error: Error, { componentStack }: ErrorInfo): void {
        log.error(error, { "react.component_stack": componentStack });
      }
      override render(): ReactNode {
        return this.state.hasFailed
          ? createElement("p", { id: "failed" }, "Something went wrong.")
          : this.props.children;
      }
    }
    createRoot(target()).render(createElement(Guard, null, createElement(Cart)));
  },

  /** Logs when a logger changes. Each click renders again. */
  useLogger(log: Logger): void {
    const cyclic: Record<string, unknown> = { name: "cyclic" };
    cyclic["self"] = cyclic;
    const Counter = (): ReactNode => {
      const [count, setCount] = useState(0);
      const withBigInt = useLogger({ id: 10n, list: [count >> 1] });
      const withCycle = useLogger(cyclic);
      useEffect(() => void withBigInt.info(`count ${count}`), [withBigInt]);
      useEffect(() => void withCycle.info("cycle"), [withCycle]);
      return createElement("button", { onClick: () => setCount(count + 1) }, count);
    };
    createRoot(target()).render(createElement(EdgelogProvider, { logger: log }, createElement(Counter)));
  },

  vue(log: Logger): void {
    const app = createApp({
      setup() {
        const isBroken = ref(false);
        const pay = (): never => {
          isBroken.value = true;
          throw new TypeError("no card");
        };
        return () => h("button", { onClick: pay }, isBroken.value ? h("p", { id: "failed" }, "Sorry.") : "Pay");
      },
    });
    app.config.errorHandler = (error, _instance, info) => log.error(error, { "vue.info": info });
    app.mount(target());
  },

  svelte(log: Logger): void {
    mount(Boundary, { target: target(), props: { log } });
  },
};

declare global {
  interface Window {
    readonly libraries: typeof libraries;
  }
}

Object.assign(window, { libraries });
