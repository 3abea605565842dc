import type { JSX } from "preact";
import { readField } from "#contract/query/fields.ts";
import type { Group, HistogramResponse } from "#contract/api/statistics.ts";
import { filter, toParams } from "../address.ts";
import { useFetch } from "../api/use-fetch.ts";
import { ExceptionView } from "../components/exception-view.tsx";
import { formatCount } from "../lib/format-number.ts";
import { pluralize } from "#contract/wire/quantity.ts";
import { isQueryValid } from "../filter/filter-bar.tsx";
import { toHistogramPath } from "../lib/histogram-path.ts";
import { toLogKey } from "../lib/log-key.ts";
import { UntrustedText } from "../components/untrusted-text.tsx";
import { Link } from "../components/link.tsx";
import { withValue } from "../lib/edit-query.ts";
import { SeverityChart } from "../components/severity-chart.tsx";
import { timeFormats } from "../lib/format-time.ts";
import { Timestamp } from "../components/timestamp.tsx";

const formatDay = (time: string): string => timeFormats.value.dayOfYear.format(Date.parse(time));

/** Details of an error group: first and last seen, versions and the latest log. */
export const GroupDetail = ({ group }: { readonly group: Group }): JSX.Element => {
  const { key, firstSeen, firstVersion, lastSeen, count, users, sessions, versions, versionsEver, sample } = group;
  const q = withValue(filter.value.q, "group", key);
  const { answer, failure, reload } = useFetch<HistogramResponse>(
    isQueryValid() ? toHistogramPath(toParams({ ...filter.value, q })) : undefined,
  );
  const hasException = readField(sample.document, "exception") !== undefined;
  const session = readField(sample.document, "session.id");
  return (
    <div class="group-detail">
      <div class="group-actions">
        <Link class="button small" to={{ view: "logs", filter: { q } }}>
          Show {pluralize(count, "log")}
        </Link>
        <Link class="button small" to={{ view: "logs", filter: { q }, event: toLogKey(sample) }}>
          Open latest log
        </Link>
        {typeof session === "string" && (
          <Link class="button small" to={{ view: "session", session }}>
            Open latest session
          </Link>
        )}
      </div>
      <SeverityChart histogram={answer} failure={failure} onRetry={reload} label="This error over time" height={110} />
      <dl class="facts">
        <div>
          <dt>First seen</dt>
          <dd>
            <Timestamp ms={Date.parse(firstSeen)} />
            {firstVersion !== undefined && (
              <>
                , new in <UntrustedText text={firstVersion} max={60} />
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>Last seen</dt>
          <dd>
            <Timestamp ms={Date.parse(lastSeen)} />
          </dd>
        </div>
        <div>
          <dt>Affected</dt>
          <dd>
            {pluralize(users, "user")}, {pluralize(sessions, "session")}
          </dd>
        </div>
        <div>
          <dt>Versions in this time range</dt>
          <dd class="group-versions">
            {versions.length === 0 && "–"}
            {versions.map(({ value, count }) => (
              <Link key={value} to={{ view: "logs", filter: { q: withValue(q, "version", value) } }}>
                <UntrustedText text={value} max={60} /> <span class="muted">{formatCount(count)}</span>
              </Link>
            ))}
          </dd>
        </div>
        {versionsEver.length > 0 && (
          <div>
            <dt>All versions</dt>
            <dd class="group-versions">
              {versionsEver.map(({ version, firstSeen: seen }) => (
                <span key={version}>
                  <UntrustedText text={version} max={60} /> <span class="muted">since {formatDay(seen)}</span>
                </span>
              ))}
            </dd>
          </div>
        )}
      </dl>
      <h3>Latest log</h3>
      {hasException ? (
        <ExceptionView log={sample.document} />
      ) : (
        <p class="panel-empty">
          No stack trace. Message: <UntrustedText text={sample.document.body} max={600} />
        </p>
      )}
    </div>
  );
};
