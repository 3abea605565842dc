import type { JSX } from "preact";
import { FACETS } from "#contract/api/facets.ts";
import type { Facet } from "#contract/api/statistics.ts";
import { filter, type AddressChange, type Filter } from "../address.ts";
import { errorsOnly } from "../lib/errors-only.ts";
import { UntrustedText } from "./untrusted-text.tsx";
import { Link } from "./link.tsx";
import { Panel, PanelSkeleton } from "./panel.tsx";
import { withoutField, withValue } from "../lib/edit-query.ts";
import { ValueTable, type ValueRow } from "./value-table.tsx";

interface FacetPanelProps {
  /** Name of the field in the query language. */
  readonly name: string;
  /** Defaults to the title of the table of facets. */
  readonly title?: string;
  /** Heading of the value column. Defaults to the label of the table of facets. */
  readonly head?: string;
  /** `undefined` while loading. */
  readonly facet: Facet | undefined;
  readonly size?: "half";
  /** Maximum number of values to list. */
  readonly max?: number;
  /** Link target of a value's name; by default its logs. */
  readonly toValue?: (value: string) => AddressChange;
}

const filterFor = (field: string, value: string): Partial<Filter> =>
  field === "app" ? { app: value } : { q: withValue(filter.value.q, field, value) };

const toRows = ({ field, values, other, missing }: Facet, { max = 8, toValue }: FacetPanelProps): ValueRow[] => {
  const shown = values.slice(0, max);
  const rest = values.slice(max).reduce((sum, { count }) => sum + count, other);
  const rows = shown.map(({ value, count, errors }): ValueRow => {
    const change = filterFor(field, value);
    const to: AddressChange = { view: "logs", filter: change };
    return {
      key: value,
      label: (
        <Link to={toValue?.(value) ?? to}>
          <UntrustedText text={value} max={120} />
        </Link>
      ),
      count,
      errors,
      to,
      errorsTo: { view: "logs", filter: errorsOnly(change) },
    };
  });
  const more: ValueRow[] = [];
  if (rest > 0) more.push({ key: "other", label: "Other values", count: rest, isRest: true });
  if (missing > 0 && field !== "app" && field !== "level") {
    const to: AddressChange = { view: "logs", filter: { q: withoutField(filter.value.q, field) } };
    more.push({ key: "not set", label: <Link to={to}>Not set</Link>, count: missing, to, isRest: true });
  }
  return [...rows, ...more];
};

/** The most frequent values of a field with their log and error counts. */
export const FacetPanel = (props: FacetPanelProps): JSX.Element => {
  const { name, facet, size } = props;
  const definition = FACETS.find((known) => known.name === name);
  const { title = definition?.title ?? name, head = definition?.label ?? name } = props;
  return (
    <Panel title={title} {...(size && { size })}>
      {facet === undefined ? (
        <PanelSkeleton />
      ) : facet.values.length === 0 ? (
        <p class="panel-empty">No data.</p>
      ) : (
        <ValueTable head={head} rows={toRows(facet, props)} hasErrors />
      )}
    </Panel>
  );
};
