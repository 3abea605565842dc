/**
 * What the reader looks at. All of it stands in the page's address, so that a view can be shared, reloaded and gone
 * Back to.
 */
import { computed, signal } from "@preact/signals";
import { SEVERITIES, type Severity } from "#contract/wire/severity.ts";

/** The console's pages. */
export const VIEWS = ["logs", "overview", "errors", "app", "session", "rejected", "alerts"] as const;
export type View = (typeof VIEWS)[number];

/** Which logs: the read API's filter, with "" for what filters nothing. */
export interface Filter {
  readonly q: string;
  /** The lowest severity shown. */
  readonly severity: Severity;
  readonly app: string;
  /** First and last moment, as the read API takes them. `from` "" is all that is kept. */
  readonly from: string;
  readonly to: string;
}

export interface Address {
  readonly view: View;
  readonly filter: Filter;
  /** Id of the event whose detail is open. */
  readonly event: string;
  /** Whose page the view `session` is. */
  readonly session: string;
  /** Key of the group of errors that is open. */
  readonly group: string;
  /** By what the groups of errors are sorted; "" is the usual. */
  readonly sort: string;
  /** Only what was rejected for this reason; "" is all. */
  readonly reason: string;
  /** Names of the query language, as further columns of the list. */
  readonly columns: readonly string[];
}

const LOWEST: Severity = "trace";
/** In the address for a `from` of "". */
const ALL_TIME = "all";

export const DEFAULT_FILTER: Filter = { q: "", severity: LOWEST, app: "", from: "now-24h", to: "" };

/** The lowest severity where `value` is none. */
export const toSeverity = (value: string | null): Severity =>
  SEVERITIES.find((severity) => severity === value) ?? LOWEST;

/** The filter as parameters of the read API, what filters nothing left out. */
export const toParams = ({ q, severity, app, from, to }: Filter): URLSearchParams => {
  const params = new URLSearchParams();
  if (q !== "") params.set("q", q);
  if (severity !== LOWEST) params.set("severity", severity);
  if (app !== "") params.set("app", app);
  if (from !== "") params.set("from", from);
  if (to !== "") params.set("to", to);
  return params;
};

/** Reads `location.search`. */
export const readAddress = (search: string): Address => {
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
    columns: params.get("columns")?.split(",").filter(Boolean) ?? [],
  };
};

/** The reverse of {@link readAddress}, as a link. */
export const toHref = ({ view, filter, columns, ...names }: Address): string => {
  const params = toParams(filter);
  if (filter.from === DEFAULT_FILTER.from) params.delete("from");
  else if (filter.from === "") params.set("from", ALL_TIME);
  if (view !== "logs") params.set("view", view);
  for (const name of ["event", "session", "group", "sort", "reason"] as const) {
    if (names[name] !== "") params.set(name, names[name]);
  }
  if (columns.length > 0) params.set("columns", columns.join(","));
  return params.size === 0 ? location.pathname : `${location.pathname}?${params}`;
};

/** Where the reader is. */
export const address = signal(readAddress(location.search));
export const filter = computed(() => address.value.filter);

/** A part of an address; of the filter, too, a part is enough. */
export type AddressChange = Partial<Omit<Address, "filter">> & { readonly filter?: Partial<Filter> };

/** What belongs to one view, and is left with it. */
const OF_A_VIEW = { event: "", session: "", group: "", sort: "", reason: "" } as const;

/** The present address with `change` in it. Another view starts with nothing open. */
export const withChange = (change: AddressChange): Address => ({
  ...address.value,
  ...(change.view !== undefined && change.view !== address.value.view && OF_A_VIEW),
  ...change,
  filter: { ...address.value.filter, ...change.filter },
});

/**
 * Goes there. `isStep` makes an entry of its own, to which Back returns; else the present entry changes, as while
 * somebody types.
 */
export const navigate = (change: AddressChange, isStep = true): void => {
  const next = withChange(change);
  const href = toHref(next);
  if (href === `${location.pathname}${location.search}`) return;
  if (isStep) history.pushState(null, "", href);
  else history.replaceState(null, "", href);
  address.value = next;
};

window.addEventListener("popstate", () => (address.value = readAddress(location.search)));
