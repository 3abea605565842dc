/**
 * Whether a date and time without a zone, such as `2026-11-30T12:00:00`, exists. `Date` also accepts a day that its month does not have,
 * and 24:00, as times of a later day.
 */
export const existsInCalendar = (dateTime: string): boolean => {
  const ms = Date.parse(`${dateTime}Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(dateTime);
};
