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
  /** First and last moment, as the read API takes them. Empty: no bound. */
  readonly from: string;
  readonly to: string;
}

/** Filters nothing. */
export const EVERYTHING: Query = { q: "", severity: "trace", app: "", from: "", to: "" };

const LOWEST: Severity = "trace";

/** The lowest severity where `value` is none. */
export const toSeverity = (value: string | null): Severity =>
  SEVERITIES.find((severity) => severity === value) ?? LOWEST;

/** Filters as parameters, those that filter nothing left out. */
export const toParams = ({ q, severity, app, from, to }: Query): URLSearchParams => {
  const params = new URLSearchParams();
  if (q !== "") params.set("q", q);
  if (severity !== LOWEST) params.set("severity", severity);
  if (app !== "") params.set("app", app);
  if (from !== "") params.set("from", from);
  if (to !== "") params.set("to", to);
  return params;
};

/** The filters in the page's address. */
export const readQuery = (search: string): Query => {
  const params = new URLSearchParams(search);
  return {
    q: params.get("q") ?? "",
    severity: toSeverity(params.get("severity")),
    app: params.get("app") ?? "",
    from: params.get("from") ?? "",
    to: params.get("to") ?? "",
  };
};

/**
 * Puts the filters into the page's address. `isStep` makes an entry of its own, to which Back returns; else the present
 * entry changes, as while somebody types.
 */
export const writeQuery = (query: Query, isStep: boolean): void => {
  const params = toParams(query).toString();
  const address = params === "" ? location.pathname : `${location.pathname}?${params}`;
  if (address === `${location.pathname}${location.search}`) return;
  if (isStep) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
};

/** Whether anything is filtered out. */
export const isFiltered = (query: Query): boolean => toParams(query).size > 0;
