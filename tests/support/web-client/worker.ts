/** The logger in a Web Worker: executes commands that it receives as messages, and responds to each with its counts. */
import { captureErrors, createLogger, type Logger, type LoggerOptions } from "../../../web-client/logger/index.ts";

type Order =
  | { readonly start: LoggerOptions }
  | { readonly log: number }
  | { readonly fail: string }
  | "flush"
  | "refuse";

let logger: Logger | undefined;

addEventListener("message", ({ data }: MessageEvent<Order>) => {
  const execute = async (): Promise<void> => {
    if (data === "flush") await logger?.flush();
    else if (data === "refuse") logger?.setConsent("refused");
    else if ("start" in data) captureErrors((logger = createLogger(data.start)));
    else if ("log" in data) for (let i = 0; i < data.log; i += 1) logger?.info(`event ${i}`, { n: i });
    else setTimeout(() => failWith(data.fail));
    postMessage(logger?.counts);
  };
  void execute();
});

const failWith = (message: string): never => {
  throw new TypeError(message);
};
