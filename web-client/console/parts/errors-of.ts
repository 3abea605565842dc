import { filter, type Filter } from "../address.ts";

/** `change`, and only errors. */
export const errorsOf = (change: Partial<Filter> = {}): Partial<Filter> => ({
  ...change,
  severity: filter.value.severity === "fatal" ? "fatal" : "error",
});
