/**
 * The console's state in the URL: view, filter and what is open. Any view can be shared, reloaded and reached with the
 * Back button.
 */
import { computed, signal } from "@preact/signals";
import { joinList, splitList } from "#contract/api/list-param.ts";
import { SEVERITIES, type Severity } from "#contract/wire/severity.ts";

/** The console's pages. */
export const VIEWS = ["logs", "overview", "errors", "app", "session", "rejected", "alerts", "status"] as const;
export type View = (typeof VIEWS)[number];

/** The read API's filter. An empty string means: no restriction. */
export interface Filter {
  readonly q: string;
  /** Logs with a lower severity are hidden. */
  readonly severity: Severity;
  readonly app: string;
  /** Time range in the formats of the read API (`now-24h`, ISO 8601, milliseconds). An empty `from`: all stored logs. */
  readonly from: string;
  readonly to: string;
}

export interface Address {
  readonly view: View;
  readonly filter: Filter;
  /** Key of the log that is open in the detail panel, see lib/log-key.ts. */
  readonly event: string;
  /** Session id shown by the view `session`. */
  readonly session: string;
  /** Key of the error group that is open. */
  readonly group: string;
  /** Sort order of the error groups; "" is the default order. */
  readonly sort: string;
  /** Rejection reason by which rejected events are filtered; "" shows all. */
  readonly reason: string;
  /** Extra columns of the log list, as field names of the query language. */
  readonly columns: readonly string[];
}

const LOWEST: Severity = "trace";
/** Value of `from` in the URL when the filter's `from` is "". */
const ALL_TIME = "all";

export const DEFAULT_FILTER: Filter = { q: "", severity: LOWEST, app: "", from: "now-24h", to: "" };

/** Parses a severity; an unknown value becomes the lowest severity, which hides nothing. */
export const toSeverity = (value: string | null): Severity =>
  SEVERITIES.find((severity) => severity === value) ?? LOWEST;

/** The filter as parameters of the read API, without empty values. */
export const toParams = ({ q, severity, app, from, to }: Filter): URLSearchParams => {
  const params = new URLSearchParams();
  if (q !== "") params.set("q", q);
  if (severity !== LOWEST) params.set("severity", severity);
  if (app !== "") params.set("app", app);
  if (from !== "") params.set("from", from);
  if (to !== "") params.set("to", to);
  return params;
};

/** Parses `location.search`. */
export const parseAddress = (search: string): Address => {
  const params = new URLSearchParams(search);
  const from = params.get("from") ?? DEFAULT_FILTER.from;
  return {
    view: VIEWS.find((view) => view === params.get("view")) ?? "logs",
    filter: {
      q: params.get("q") ?? "",
      severity: toSeverity(params.get("severity")),
      app: params.get("app") ?? "",
      from: from === ALL_TIME ? "" : from,
      to: params.get("to") ?? "",
    },
    event: params.get("event") ?? "",
    session: params.get("session") ?? "",
    group: params.get("group") ?? "",
    sort: params.get("sort") ?? "",
    reason: params.get("reason") ?? "",
    columns: splitList(params.get("columns") ?? "").filter(Boolean),
  };
};

/** Formats an address as a link: the reverse of {@link parseAddress}. */
export const toHref = ({ view, filter, columns, ...names }: Address): string => {
  const params = toParams(filter);
  if (filter.from === DEFAULT_FILTER.from) params.delete("from");
  else if (filter.from === "") params.set("from", ALL_TIME);
  if (view !== "logs") params.set("view", view);
  for (const name of ["event", "session", "group", "sort", "reason"] as const) {
    if (names[name] !== "") params.set(name, names[name]);
  }
  if (columns.length > 0) params.set("columns", joinList(columns));
  return params.size === 0 ? location.pathname : `${location.pathname}?${params}`;
};

/** Current address. Change it with {@link navigate}. */
export const address = signal(parseAddress(location.search));
export const filter = computed(() => address.value.filter);

/** Changed fields of an address and of its filter. */
export type AddressChange = Partial<Omit<Address, "filter">> & { readonly filter?: Partial<Filter> };

/** Fields that are reset when the view changes. */
const VIEW_DEFAULTS = { event: "", session: "", group: "", sort: "", reason: "" } as const;

/** The current address with `change` applied. A change of the view also resets the fields that belong to one view. */
export const withChange = (change: AddressChange): Address => ({
  ...address.value,
  ...(change.view !== undefined && change.view !== address.value.view && VIEW_DEFAULTS),
  ...change,
  filter: { ...address.value.filter, ...change.filter },
});

/**
 * Changes the address and updates the page.
 *
 * @param isNewEntry - `true` (default) adds a history entry for the Back button; `false` replaces the current entry.
 */
export const navigate = (change: AddressChange, isNewEntry = true): void => {
  const next = withChange(change);
  const href = toHref(next);
  if (href === `${location.pathname}${location.search}`) return;
  if (isNewEntry) history.pushState(null, "", href);
  else history.replaceState(null, "", href);
  address.value = next;
};

window.addEventListener("popstate", () => (address.value = parseAddress(location.search)));
