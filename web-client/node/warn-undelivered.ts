/**
 * Warns on standard error when events are not delivered. A program that logs with pino or winston has no access to `status` and `counts`.
 */
import { REDACTED } from "../logger/event/redact.ts";
import { read } from "../logger/event/stacktrace.ts";
import type { Logger, LoggerStatus } from "../logger/logger.ts";
import type { CoreOptions } from "../logger/core.ts";
import type { NodeLoggerOptions } from "./create-logger.ts";
import { startTimer, stopTimer, warn, type Timer } from "./platform.ts";
import type { Requests } from "./requests.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** An outage that is shorter than this is not worth a warning. */
const MAX_OUTAGE_MS = 3_000;

export interface UndeliveredWarnings {
  /** Options of the core that record why attempts fail. */
  readonly options: Pick<CoreOptions, "fetch" | "onMqttError">;
  /** Warns when the logger's state changes to one in which nothing is delivered. Call it once. */
  watch(logger: Logger): void;
  /** Warns about events that are in memory only when the logger or the process ends. */
  warnLost(count: number): void;
}

/** `fetch` puts the error of the network into `cause`, whose message is empty if it has several errors. */
const textOfError = (error: unknown): string => {
  const source = read(error, "cause") ?? error;
  return String(read(source, "message") || read(source, "code") || source);
};

/** Warns at once about options without which nothing is accepted. */
export const watchDelivery = (given: NodeLoggerOptions & Pick<Requests, "fetch">): UndeliveredWarnings => {
  const { app, key } = given;
  for (const [name, value] of Object.entries({ app, key })) {
    if (typeof value !== "string" || value === "") {
      warn(`edgelog: Nothing can be sent: the option \`${name}\` is missing.`);
    }
  }
  const ofApp = `of app ${JSON.stringify(app)}`;
  /** Result of the last attempt over HTTP and over MQTT. */
  const results = { http: "", mqtt: "" };
  let transport: LoggerStatus["transport"] = "http";
  let url = "";
  let outage: Timer | undefined;
  const warned = new Set<string>();

  /** The text of an error can contain the URL, which can contain the key, and texts of the server's certificate. */
  const redact = (text: string): string => {
    let redacted = text;
    // A password in these can contain spaces.
    for (const ofOptions of [url, given.mqttUrl]) {
      if (ofOptions) redacted = redacted.replaceAll(ofOptions, () => withoutSecrets(ofOptions));
    }
    redacted = redacted.replace(/\/\/\S*/g, withoutSecrets);
    return (key ? redacted.replaceAll(key, REDACTED) : redacted).replace(/\p{Cc}+/gu, " ");
  };

  /** URL and result of the last attempt, without secrets. */
  const where = (): string => {
    const tried = transport === "mqtt" ? (given.mqttUrl ?? url) : url;
    return [tried, results[transport]].map(redact).filter(Boolean).join(": ");
  };

  const warnOnce = (state: string, text: string): void => {
    if (!warned.has(state)) warn(`edgelog: ${text}`);
    warned.add(state);
  };

  const onStatus = ({ state, transport: current }: LoggerStatus): void => {
    stopTimer(outage);
    transport = current;
    if (state === "online") warned.clear();
    else if (state === "denied") {
      const check = "Check the options `app`, `key` and `endpoint`.";
      warnOnce(state, `The server does not accept app ${JSON.stringify(app)} with this key (${where()}). ${check}`);
    } else if (state === "challenged") {
      warnOnce(state, `A firewall in front of the server refuses the logs ${ofApp} (${where()}).`);
    } else if (state === "offline") {
      outage = startTimer(() => {
        warnOnce(state, `The logs ${ofApp} cannot be delivered (${where()}). The logger tries again.`);
      }, MAX_OUTAGE_MS);
    }
  };

  return {
    options: {
      async fetch(input, init) {
        try {
          const response = await given.fetch(input, init);
          results.http = `HTTP ${response.status}`;
          return response;
        } catch (error) {
          results.http = textOfError(error);
          throw error;
        }
      },
      onMqttError: (error) => {
        results.mqtt = textOfError(error);
      },
    },
    watch(logger) {
      ({ url } = logger);
      logger.onStatus(onStatus);
    },
    warnLost(count) {
      if (count === 0) return;
      const [what, was] = count === 1 ? ["1 log", "was"] : [`${count} logs`, "were"];
      const advice = given.outbox === undefined ? " With the option `outbox`, the next process sends such logs." : "";
      warn(`edgelog: ${what} ${ofApp} ${was} not stored (${where()}).${advice}`);
    },
  };
};
