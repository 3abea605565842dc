/**
 * The script of a page with all exports of the logger in `window.edgelog`.
 */
import { toConsole } from "../../../web-client/logger/adapters/console-like.ts";
import { toLogTapeSink } from "../../../web-client/logger/adapters/logtape.ts";
import { toPinoTransmit } from "../../../web-client/logger/adapters/pino.ts";
import { createBreadcrumbs, type Breadcrumbs } from "../../../web-client/logger/captures/breadcrumbs.ts";
import { captureConsole } from "../../../web-client/logger/captures/console.ts";
import { captureReports } from "../../../web-client/logger/captures/reports.ts";
import { captureRequests } from "../../../web-client/logger/captures/requests.ts";
import { captureWebVitals } from "../../../web-client/logger/captures/web-vitals.ts";
import { createSampler } from "../../../web-client/logger/event/sampler.ts";
import { captureErrors, createLogger, type Logger, type LoggerOptions } from "../../../web-client/logger/index.ts";

export const toolbox = {
  captureConsole,
  captureErrors,
  captureReports,
  captureRequests,
  captureWebVitals,
  createBreadcrumbs,
  createLogger,
  createSampler,
  toConsole,
  toLogTapeSink,
  toPinoTransmit,
};

declare global {
  interface Window {
    readonly edgelog: typeof toolbox;
    /** Set by the test helper. */
    readonly options: LoggerOptions;
    readonly log: Logger;
    /** Variables that a test sets in one step and reads in a later one. */
    crumbs: Breadcrumbs;
    end: () => void;
  }
}

Object.assign(window, { edgelog: toolbox });
