import { Fragment, type ComponentChildren, type JSX } from "preact";
import type { SearchResponse, SearchHit } from "#contract/api/search.ts";
import type { Facet, FacetsResponse } from "#contract/api/statistics.ts";
import { DEFAULT_FILTER } from "../address.ts";
import { UntrustedText } from "../components/untrusted-text.tsx";
import { Link } from "../components/link.tsx";
import { formatCount, formatDuration } from "../lib/format-number.ts";
import { withValue } from "../lib/edit-query.ts";
import { Timestamp } from "../components/timestamp.tsx";

/** Fields that are requested as facets of the session's logs. */
export const SESSION_FIELDS = [
  "user",
  "user.name",
  "user.email",
  "organization",
  "app",
  "version",
  "env",
  "device",
  "os",
  "os.version",
  "level",
  "edgelog.page_view.id",
] as const;

/** Fields shown in the summary, in this order. */
const FACTS = [
  ["user", "User"],
  ["user.name", "Name"],
  ["user.email", "Email"],
  ["organization", "Organization"],
  ["app", "App"],
  ["version", "Version"],
  ["env", "Environment"],
  ["device", "Device"],
  ["os", "OS"],
  ["os.version", "OS version"],
] as const;

const SHOWN_VALUES = 3;
/** Limit of values per facet. `/facets` does not count the distinct values of an attribute. */
export const MAX_PAGE_VIEWS = 100;

const Fact = ({ label, children }: { readonly label: string; readonly children: ComponentChildren }): JSX.Element => (
  <div>
    <dt>{label}</dt>
    <dd>{children}</dd>
  </div>
);

const Values = ({ field, values }: Facet): JSX.Element => (
  <>
    {values.slice(0, SHOWN_VALUES).map(({ value }, index) => (
      <Fragment key={value}>
        {index > 0 && ", "}
        <Link to={{ view: "logs", filter: { ...DEFAULT_FILTER, from: "", q: withValue("", field, value) } }}>
          <UntrustedText text={value} max={80} />
        </Link>
      </Fragment>
    ))}
    {values.length > SHOWN_VALUES && ` and ${values.length - SHOWN_VALUES} more`}
  </>
);

interface SessionFactsProps {
  readonly facets: FacetsResponse | undefined;
  readonly first: SearchHit | undefined;
  /** Search response with the newest log of the session. */
  readonly newest: SearchResponse | undefined;
}

/** Summary of the session: user, device, start and end. */
export const SessionFacts = ({ facets, first, newest }: SessionFactsProps): JSX.Element => {
  const find = (name: string): Facet | undefined => facets?.facets.find(({ field }) => field === name);
  const start = first?.document["@timestamp"];
  const end = newest?.hits[0]?.document["@timestamp"];
  const errors = find("level")?.values.reduce((sum, { errors }) => sum + errors, 0) ?? 0;
  const pages = find("edgelog.page_view.id")?.values.length ?? 0;
  return (
    <dl class="facts">
      <Fact label="Start">{start === undefined ? "…" : <Timestamp ms={Date.parse(start)} />}</Fact>
      <Fact label="End">{end === undefined ? "…" : <Timestamp ms={Date.parse(end)} />}</Fact>
      <Fact label="Duration">
        {start === undefined || end === undefined ? "…" : formatDuration(Date.parse(end) - Date.parse(start))}
      </Fact>
      <Fact label="Logs">{facets === undefined ? "…" : formatCount(facets.total)}</Fact>
      <Fact label="Errors">
        <span class="session-errors" data-tone={errors > 0 ? "error" : undefined}>
          {facets === undefined ? "…" : formatCount(errors)}
        </span>
      </Fact>
      {pages > 0 && <Fact label="Page views">{pages === MAX_PAGE_VIEWS ? `${pages} or more` : pages}</Fact>}
      {FACTS.map(([field, label]) => {
        const facet = find(field);
        return facet === undefined || facet.values.length === 0 ? null : (
          <Fact key={field} label={label}>
            <Values {...facet} />
          </Fact>
        );
      })}
    </dl>
  );
};
