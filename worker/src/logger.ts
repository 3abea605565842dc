/**
 * The Worker's own log: one line of JSON, seen by `wrangler tail`. Never a payload, a key or a URL with a password.
 */
export const logTrouble = (message: string, fields: Readonly<Record<string, string | number>> = {}): void => {
  // oxlint-disable-next-line no-console -- stdout is where Workers log
  console.warn(JSON.stringify({ level: "warn", message, ...fields }));
};
