/**
 * Entry of `edgelog.iife.js`, for pages without a bundler: one file with everything that HTTP needs, because the hash of a script tag
 * does not cover scripts that it loads later. MQTT is in a second file, `edgelog-mqtt.iife.js`.
 */
export { createLogger } from "./create-logger.ts";
export { createBreadcrumbs } from "./captures/breadcrumbs.ts";
export { captureConsole } from "./captures/console.ts";
export { captureErrors } from "./captures/errors.ts";
export { captureReports } from "./captures/reports.ts";
export { captureRequests } from "./captures/requests.ts";
export { createSampler } from "./event/sampler.ts";
