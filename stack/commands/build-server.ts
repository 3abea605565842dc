/** `npm run build:server [-- DIR]`: builds the server for one host and the relay, by default into `dist/server`. */
import { join, resolve } from "node:path";
import { bundleRelay } from "../../broker/relay/bundle.ts";
import { buildServer } from "../lib/build-server.ts";
import { formatError } from "../lib/stack-error.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";

try {
  const dir = resolve(ROOT_DIR, process.argv[2] ?? "dist/server");
  await buildServer(dir);
  await bundleRelay(join(dir, "relay.mjs"));
  console.log(`Built server.mjs, relay.mjs and pages/ in ${dir}`);
} catch (error) {
  console.error(formatError(error));
  process.exitCode = 1;
}
