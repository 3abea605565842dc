/** Builds the demo and the console, unless they are up to date: a build makes running stacks of this clone load them again. */
import { buildPages } from "../lib/build-pages.ts";
import { runCommand } from "../lib/command-line.ts";

await runCommand(async () => {
  await buildPages();
});
