/** Builds the demo and the console, unless they are up to date: a build makes running stacks of this clone load them again. */
import { buildPages } from "../lib/build-pages.ts";
import { printError } from "../lib/print.ts";

try {
  await buildPages();
} catch (error) {
  printError(error);
  process.exitCode = 1;
}
