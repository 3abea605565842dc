/** `npm run build:server [-- DIR]`: builds the server for one host and the relay, by default into `dist/server`. */
import { join, resolve } from "node:path";
import { bundleRelay } from "../../broker/relay/bundle.ts";
import { buildServer } from "../lib/build-server.ts";
import { runCommand } from "../lib/command-line.ts";
import { print } from "../lib/print.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";

await runCommand(async () => {
  const dir = resolve(ROOT_DIR, process.argv[2] ?? "dist/server");
  await buildServer(dir);
  await bundleRelay(join(dir, "relay.mjs"));
  print(`Built server.mjs, relay.mjs and pages/ in ${dir}`);
});
