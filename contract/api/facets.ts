/**
 * The facets: the fields whose most frequent values the overview and the filter sidebar of the console show. One row for
 * each facet; `GET /overview`, its description and the console's lists derive from this table. `GET /facets` also accepts
 * any other field or attribute. Without zod: the console imports it.
 */

export interface FacetDefinition {
  /** Name of the field in the query language, see fields.ts. */
  readonly name: string;
  /** Label in the singular, for the sidebar and column headings. */
  readonly label: string;
  /** Label in the plural, for the heading of a panel. */
  readonly title: string;
  /** Whether `GET /overview` counts it. */
  readonly isInOverview: boolean;
  /**
   * Whether the console's sidebar shows the facet expanded or collapsed at first. Absent: the sidebar does not list it.
   */
  readonly sidebar?: "open" | "closed";
}

/** All facets, in the order in which they are shown. */
export const FACETS: readonly FacetDefinition[] = [
  { name: "level", label: "Level", title: "Levels", isInOverview: true, sidebar: "open" },
  { name: "app", label: "App", title: "Apps", isInOverview: true, sidebar: "open" },
  { name: "service", label: "Service", title: "Services", isInOverview: true, sidebar: "open" },
  { name: "version", label: "Version", title: "Versions", isInOverview: true, sidebar: "open" },
  { name: "env", label: "Environment", title: "Environments", isInOverview: true, sidebar: "open" },
  { name: "type", label: "Exception", title: "Exceptions", isInOverview: false, sidebar: "open" },
  { name: "status", label: "Status", title: "Response status", isInOverview: true, sidebar: "open" },
  { name: "method", label: "Method", title: "Request methods", isInOverview: true, sidebar: "closed" },
  { name: "path", label: "Path", title: "Request paths", isInOverview: true, sidebar: "closed" },
  { name: "browser.brands", label: "Browser", title: "Browsers", isInOverview: false, sidebar: "closed" },
  { name: "os", label: "OS", title: "Operating systems", isInOverview: true, sidebar: "closed" },
  { name: "device", label: "Device", title: "Devices", isInOverview: true, sidebar: "closed" },
  { name: "transport", label: "Transport", title: "Transports", isInOverview: true },
];

/** Names of the facets that `GET /overview` counts. */
export const OVERVIEW_FACETS: readonly string[] = FACETS.filter(({ isInOverview }) => isInOverview).map(
  ({ name }) => name,
);
