/** Entry point of the demo: loads the configuration, then builds the page. */
import { byId, h } from "../shared/dom.ts";
import { createActions } from "./actions.ts";
import { loadConfig, clearConfig, storeConfig, type DemoConfig } from "./demo-config.ts";
import { createDemoLogger, type TransportChoice } from "./demo-logger.ts";
import { createPanel } from "./panel.ts";
import { createOfflineSwitch } from "./offline-switch.ts";
import { createRequests } from "./requests.ts";
import { createShop } from "./shop.ts";

const TOAST_MS = 2_600;

const TRANSPORTS: readonly (readonly [TransportChoice, string, string])[] = [
  ["worker", "MQTT via Worker", "MQTT over WSS through the Worker's /mqtt"],
  ["direct", "MQTT direct", "MQTT over WSS straight to the broker, whose certificate the browser must trust"],
  ["http", "HTTP", "POST /logs"],
];

let toastTimer: ReturnType<typeof setTimeout> | undefined;
const showToast = (message: string): void => {
  const toast = byId("toast", HTMLParagraphElement);
  toast.textContent = message;
  toast.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (toast.hidden = true), TOAST_MS);
};

const showSetup = (): void => {
  const form = byId("setup", HTMLFormElement);
  byId("layout", HTMLElement).classList.add("setting-up");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const app = byId("setup-app", HTMLInputElement).value.trim();
    const key = byId("setup-key", HTMLInputElement).value.trim();
    storeConfig({ app, key });
    location.reload();
  });
};

const resetConfig = (): void => {
  clearConfig();
  location.replace(location.pathname);
};

const start = (config: DemoConfig): void => {
  const panel = createPanel(resetConfig);
  const offlineSwitch = createOfflineSwitch();
  const logger = createDemoLogger(config, {
    ...panel,
    onSettled(settlements) {
      panel.onSettled(settlements);
      offlineSwitch.onSettled(settlements);
    },
    onCounts(counts) {
      panel.onCounts(counts);
      offlineSwitch.onCounts(counts);
    },
  });
  offlineSwitch.connect(logger);
  createShop(logger, showToast);
  createActions(logger, showToast);
  createRequests(logger);
  byId("transports", HTMLDivElement).append(
    ...TRANSPORTS.map(([choice, text, title]) => {
      const isUnavailable = choice === "direct" && config.mqttWssUrl === undefined;
      const input = h("input", {
        attributes: {
          type: "radio",
          name: "transport",
          value: choice,
          checked: choice === "worker",
          disabled: isUnavailable,
        },
        on: {
          change() {
            logger.use(choice);
            if (choice === "direct") showToast(`Your browser must trust the certificate of ${config.mqttWssUrl ?? ""}`);
          },
        },
      });
      return h(
        "label",
        { attributes: { title: isUnavailable ? "The broker's WSS address is not configured" : title } },
        input,
        text,
      );
    }),
  );
  byId("identity", HTMLSpanElement).textContent = `app ${config.app}`;
  logger.log("info", "Shop opened", { "url.path": location.pathname, "page.referrer": document.referrer });
};

const config = await loadConfig();
if (config === undefined) showSetup();
else start(config);
