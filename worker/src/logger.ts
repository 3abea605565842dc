/**
 * The Worker's own log: one JSON line per warning, visible in `wrangler tail`. Never contains a payload, a key or a URL
 * with a password.
 */
export const logWarning = (message: string, fields: Readonly<Record<string, string | number>> = {}): void => {
  // oxlint-disable-next-line no-console -- stdout is the log of a Worker
  console.warn(JSON.stringify({ level: "warn", message, ...fields }));
};
