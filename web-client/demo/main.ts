/**
 * The demo: finds out who it logs as, then fills the page.
 */
import { byId, h } from "../shared/dom.ts";
import { createActions } from "./actions.ts";
import { findConfig, forgetConfig, rememberConfig, type DemoConfig } from "./demo-config.ts";
import { createDemoLogger, type Way } from "./demo-logger.ts";
import { createPanel } from "./panel.ts";
import { createPlug } from "./plug.ts";
import { createRequests } from "./requests.ts";
import { createShop } from "./shop.ts";

const TOAST_MS = 2_600;

const WAYS: readonly (readonly [Way, string, string])[] = [
  ["worker", "MQTT via Worker", "MQTT over WSS through the Worker's /mqtt"],
  ["direct", "MQTT direct", "MQTT over WSS straight to the broker"],
  ["http", "HTTP", "POST /logs"],
];

let toastTimer: ReturnType<typeof setTimeout> | undefined;
const tell = (message: string): void => {
  const toast = byId("toast", HTMLParagraphElement);
  toast.textContent = message;
  toast.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (toast.hidden = true), TOAST_MS);
};

const askForConfig = (): void => {
  const form = byId("setup", HTMLFormElement);
  byId("layout", HTMLElement).classList.add("asking");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const app = byId("setup-app", HTMLInputElement).value.trim();
    const key = byId("setup-key", HTMLInputElement).value.trim();
    rememberConfig({ app, key });
    location.reload();
  });
};

const askAgain = (): void => {
  forgetConfig();
  location.replace(location.pathname);
};

const start = (config: DemoConfig): void => {
  const panel = createPanel(askAgain);
  const plug = createPlug();
  const logger = createDemoLogger(config, {
    ...panel,
    onSettled(settlements) {
      panel.onSettled(settlements);
      plug.onSettled(settlements);
    },
    onCounts(counts) {
      panel.onCounts(counts);
      plug.onCounts(counts);
    },
  });
  plug.connect(logger);
  createShop(logger, tell);
  createActions(logger, tell);
  createRequests(logger);
  byId("ways", HTMLDivElement).append(
    ...WAYS.map(([way, text, title]) => {
      const isMissing = way === "direct" && config.mqttWssUrl === undefined;
      const input = h("input", {
        attributes: { type: "radio", name: "way", value: way, checked: way === "worker", disabled: isMissing },
        on: { change: () => logger.use(way) },
      });
      return h(
        "label",
        { attributes: { title: isMissing ? "The address of the listener is not known here" : title } },
        input,
        text,
      );
    }),
  );
  byId("identity", HTMLSpanElement).textContent = `app ${config.app}`;
  logger.log("info", "Shop opened", { "url.path": location.pathname, "page.referrer": document.referrer });
};

const config = await findConfig();
if (config === undefined) askForConfig();
else start(config);
