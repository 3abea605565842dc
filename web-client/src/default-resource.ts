/**
 * What can be said of the sender without asking: OpenTelemetry's resource attributes of a page.
 */
import type { Attributes } from "../../contract/log-event.ts";
import { pageGlobals } from "./page-globals.ts";

/** `service.name` is the app until the page says better. */
export const defaultResource = (app: string): Attributes => ({
  "service.name": app,
  "telemetry.sdk.name": "edgelog-web",
  "user_agent.original": pageGlobals().navigator?.userAgent,
  "browser.language": pageGlobals().navigator?.language,
});
