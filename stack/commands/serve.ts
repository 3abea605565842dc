/**
 * `npm run serve`: builds and runs the server for one host in this process. Settings are environment variables, see
 * docs/reference/configuration.md. As a service, run the built program directly: docs/operate/single-host.md.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildServer } from "../lib/build-server.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";
import { runCommand, shouldRun } from "../lib/command-line.ts";

const HELP = `Usage: npm run serve

Builds the server for one host, and runs it in the foreground. Settings are environment variables: docs/reference/configuration.md.`;

const serve = async (): Promise<void> => {
  const program = await buildServer(join(ROOT_DIR, "dist", "server"));
  await import(pathToFileURL(program).href);
};

await runCommand(async () => {
  if (shouldRun(HELP)) await serve();
});
