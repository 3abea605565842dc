/**
 * Entry `edgelog-web/service-worker`: one file with everything that HTTP needs, because service workers may not use `import()`.
 */
export { createLogger } from "./create-logger.ts";
export { captureErrors } from "./captures/errors.ts";
