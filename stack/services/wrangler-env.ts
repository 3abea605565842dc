/** Environment of every wrangler process: no requests to the internet, nothing shared with other wrangler processes. */
import { join } from "node:path";
import { pathsOf } from "../lib/state-dir.ts";

export const quietWranglerEnv = (home: string): Readonly<Record<string, string>> => ({
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  // The check for a newer version runs with the banner.
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_WRITE_LOGS: "false",
  // Otherwise wrangler downloads a sample of request.cf.
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  // Workers with the same name discover each other here; concurrent stacks must not.
  WRANGLER_REGISTRY_PATH: join(pathsOf(home).worker, "registry"),
  CI: "1",
  NO_COLOR: "1",
});
