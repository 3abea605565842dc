import { filter, type Filter } from "../address.ts";

/** `change` restricted to errors, or to fatal errors if the current filter is. */
export const errorsOnly = (change: Partial<Filter> = {}): Partial<Filter> => ({
  ...change,
  severity: filter.value.severity === "fatal" ? "fatal" : "error",
});
