/** Moments of the read API by the clock of this browser. */

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const RELATIVE = /^now(?:-(\d+)([smhdw]))?$/;

/** Milliseconds since 1970; `NaN` for what is no moment. */
export const parseTimeMs = (moment: string, nowMs = Date.now()): number => {
  const [whole, count = "0", unit = "s"] = RELATIVE.exec(moment) ?? [];
  if (whole !== undefined) return nowMs - Number(count) * (UNITS_MS[unit] ?? Number.NaN);
  // By way of a date: a number can be larger than any.
  return new Date(/^\d+$/.test(moment) ? Number(moment) : moment).getTime();
};
