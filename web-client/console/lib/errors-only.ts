import { filter, type Filter } from "../address.ts";

/** `change`, and only errors. */
export const errorsOnly = (change: Partial<Filter> = {}): Partial<Filter> => ({
  ...change,
  severity: filter.value.severity === "fatal" ? "fatal" : "error",
});
