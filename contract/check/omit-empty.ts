/**
 * Environment variables without the empty ones, which count as absent: files of variables and Compose files set a variable that has no value to an
 * empty text.
 */
export const omitEmpty = <Value>(
  variables: Readonly<Record<string, Value | undefined>>,
): Readonly<Record<string, Value | undefined>> =>
  Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
