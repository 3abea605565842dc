import { filter, type Filter } from "../address.ts";

/** Restricts `change` to errors, or to fatal errors if the current filter already shows only those. */
export const errorsOnly = (change: Partial<Filter> = {}): Partial<Filter> => ({
  ...change,
  severity: filter.value.severity === "fatal" ? "fatal" : "error",
});
