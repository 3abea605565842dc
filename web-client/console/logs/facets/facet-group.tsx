import type { JSX } from "preact";
import type { Facet } from "#contract/api/statistics.ts";
import { visibleText } from "../../../shared/visible-text.ts";
import { formatCompactCount, formatCount } from "../../lib/format-number.ts";
import { removeFacet, setFacetOpen } from "./facet-settings.ts";
import { FacetValueRow } from "./facet-value.tsx";

interface FacetGroupProps {
  /** Of the query language. */
  readonly name: string;
  readonly facet: Facet | undefined;
  /** Logs that match. */
  readonly total: number;
  readonly isOpen: boolean;
  readonly isAdded: boolean;
}

const TITLES: Readonly<Record<string, string>> = {
  level: "Level",
  app: "App",
  service: "Service",
  version: "Version",
  env: "Environment",
  type: "Exception",
  status: "Status",
  method: "Method",
  path: "Path",
  "browser.brands": "Browser",
  os: "System",
  device: "Device",
};

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** One field: its top values, and statistics where it holds numbers. */
export const FacetGroup = ({ name, facet, total, isOpen, isAdded }: FacetGroupProps): JSX.Element => {
  const title = Object.hasOwn(TITLES, name) ? TITLES[name] : visibleText(name, 40);
  const numbers = facet?.numbers;
  const most = Math.max(1, ...(facet?.values.map(({ count }) => count) ?? []));
  return (
    <details
      class="facet"
      open={isOpen}
      onToggle={({ currentTarget: { open } }) => {
        if (open !== isOpen) setFacetOpen(name, open);
      }}
    >
      <summary>
        <span class="untrusted">{title}</span>
        {facet?.distinct !== undefined && facet.distinct > facet.values.length && (
          <span class="facet-distinct">{formatCompactCount(facet.distinct)}</span>
        )}
      </summary>
      {isOpen && facet === undefined && <span class="facet-wait" />}
      {numbers !== undefined && numbers.count > 0 && name !== "status" && (
        <p class="facet-numbers" title={numbers.isSampled ? "Average and percentiles are of a sample." : undefined}>
          {(["min", "p50", "p95", "max"] as const).map((key) => (
            <span key={key}>
              {key} <b>{number.format(numbers[key])}</b>
            </span>
          ))}
        </p>
      )}
      {facet !== undefined && facet.values.length === 0 && <p class="facet-none">None</p>}
      {facet !== undefined && facet.values.length > 0 && (
        <ul>
          {facet.values.map((value) => (
            <FacetValueRow key={value.value} field={name} value={value} share={value.count / most} />
          ))}
        </ul>
      )}
      {facet !== undefined && facet.missing > 0 && facet.missing < total && (
        <p class="facet-none">{formatCount(facet.missing)} without</p>
      )}
      {isAdded && (
        <button class="button quiet small" type="button" onClick={() => removeFacet(name)}>
          Remove this field
        </button>
      )}
    </details>
  );
};
