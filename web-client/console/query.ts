/**
 * What the reader asked for. It stands in the address, so that a view can be shared and reloaded.
 */
import { SEVERITIES, type Severity } from "../../contract/severity.ts";

/** The filters of the page. */
export interface Query {
  readonly q: string;
  /** The lowest severity shown. */
  readonly severity: Severity;
  /** Empty: all apps that the token may read. */
  readonly app: string;
}

const LOWEST: Severity = "trace";

/** The lowest severity where `value` is none. */
export const toSeverity = (value: string | null): Severity =>
  SEVERITIES.find((severity) => severity === value) ?? LOWEST;

/** Filters as parameters, those that filter nothing left out. */
export const toParams = ({ q, severity, app }: Query): URLSearchParams => {
  const params = new URLSearchParams();
  if (q !== "") params.set("q", q);
  if (severity !== LOWEST) params.set("severity", severity);
  if (app !== "") params.set("app", app);
  return params;
};

/** The filters in the page's address. */
export const readQuery = (search: string): Query => {
  const params = new URLSearchParams(search);
  return {
    q: params.get("q") ?? "",
    severity: toSeverity(params.get("severity")),
    app: params.get("app") ?? "",
  };
};

/** Puts the filters into the page's address. */
export const writeQuery = (query: Query): void => {
  const params = toParams(query).toString();
  history.replaceState(null, "", params === "" ? location.pathname : `${location.pathname}?${params}`);
};

/** Whether anything is filtered out. */
export const isFiltered = (query: Query): boolean => toParams(query).size > 0;
