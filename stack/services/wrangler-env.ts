/** Environment of every wrangler we start: it speaks to nobody outside, and shares nothing with other wranglers. */
import { join } from "node:path";
import { pathsOf } from "../lib/state-dir.ts";

export const quietWranglerEnv = (home: string): Readonly<Record<string, string>> => ({
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  // The banner is what looks for a newer version.
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_WRITE_LOGS: "false",
  // Otherwise workerd asks the network for a sample of request.cf.
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  // Workers of one name find one another there: stacks side by side must not.
  WRANGLER_REGISTRY_PATH: join(pathsOf(home).worker, "registry"),
  CI: "1",
  NO_COLOR: "1",
});
