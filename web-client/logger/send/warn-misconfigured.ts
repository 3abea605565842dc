/**
 * Warns in the console, once for each problem, when a logger can never send.
 */
import { warn } from "../platform.ts";

const shown = new Set<string>();

/** `canFetch`: whether there is a function that sends requests. */
export const warnMisconfigured = (url: string, canFetch: boolean): void => {
  const problem = !canFetch
    ? "Nothing is logged: outside of pages and Workers the logger needs the option `fetch`."
    : !/^https?:\/\//.test(url)
      ? `Nothing can be sent: ${JSON.stringify(url)} is not an http or https URL. Check the options \`endpoint\` and \`path\`.`
      : undefined;
  if (problem === undefined || shown.has(problem)) return;
  shown.add(problem);
  warn(`edgelog: ${problem}`);
};
