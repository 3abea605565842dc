/** Times as readers write them in queries and in the `from` and `to` parameters. */

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const RELATIVE = /^now(?:-(\d{1,6})([smhdw]))?$/;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/i;

/**
 * Parses RFC 3339 (`2026-11-28T12:00:00Z`), a date (midnight UTC), milliseconds since 1970, `now` or a time before it
 * (`now-15m`; units s, m, h, d, w).
 *
 * @returns Milliseconds since 1970; `undefined` if `text` is not a valid time.
 */
export const parseTime = (text: string, nowMs: number): number | undefined => {
  const relative = RELATIVE.exec(text);
  if (relative !== null) return nowMs - Number(relative[1] ?? 0) * (UNIT_MS[relative[2] ?? "s"] ?? 0);
  if (/^\d{9,15}$/.test(text)) return Number(text);
  const ms = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
};
