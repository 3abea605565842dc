import type { JSX } from "preact";
import type { SearchResponse, SearchHit } from "#contract/api/search.ts";
import type { FacetsResponse, HistogramResponse } from "#contract/api/statistics.ts";
import { address, DEFAULT_FILTER, type Filter } from "../address.ts";
import { useFetch } from "../api/use-fetch.ts";
import { usePages } from "../api/use-pages.ts";
import { ExportFormats } from "../export/export-formats.tsx";
import { ExportProgress } from "../export/export-progress.tsx";
import { ErrorBanner } from "../components/error-banner.tsx";
import { IncompleteBanner } from "../components/incomplete-banner.tsx";
import { mergeIncomplete } from "../lib/describe-incomplete.ts";
import { formatCount } from "../lib/format-number.ts";
import { UntrustedText } from "../components/untrusted-text.tsx";
import { Link } from "../components/link.tsx";
import { Menu } from "../components/menu.tsx";
import { MoreButton } from "../components/more-button.tsx";
import { Notice } from "../components/notice.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { Panel, PanelSkeleton } from "../components/panel.tsx";
import { toHistogramPath } from "../lib/histogram-path.ts";
import { withValue } from "../lib/edit-query.ts";
import { SeverityChart } from "../components/severity-chart.tsx";
import { readTimeline } from "./read-timeline.ts";
import { MAX_PAGE_VIEWS, SESSION_FIELDS, SessionFacts } from "./session-facts.tsx";
import { TimelineList } from "./timeline.tsx";
import "./session.css";

/** Filter for all stored logs with this value. */
const allWith = (field: string, value: string): Filter => ({
  ...DEFAULT_FILTER,
  from: "",
  q: withValue("", field, value),
});

const SessionView = ({ session }: { readonly session: string }): JSX.Element => {
  const name = new URLSearchParams({ session });
  const facets = useFetch<FacetsResponse>(`/facets?${name}&field=${SESSION_FIELDS.join(",")}&size=${MAX_PAGE_VIEWS}`);
  const newest = useFetch<SearchResponse>(`/search?${name}&limit=1`);
  const histogram = useFetch<HistogramResponse>(toHistogramPath(name));
  const timeline = usePages<SearchHit, SearchHit>((last, signal) => readTimeline(session, last, signal));
  const { hits, readMore } = timeline;
  const answers = [facets.answer, newest.answer, histogram.answer];
  const isIncomplete = mergeIncomplete(answers) !== undefined;
  const reload = (): void => {
    for (const answered of [facets, newest, histogram]) answered.reload();
    if (timeline.failure !== undefined) readMore();
  };
  const user = facets.answer?.facets.find(({ field }) => field === "user")?.values[0]?.value;

  return (
    <>
      <PageHeader
        above="Session"
        aside={
          <div class="session-actions">
            <Link class="button quiet" to={{ view: "logs", filter: allWith("session", session) }}>
              Search in logs
            </Link>
            <Menu title="Export session">
              <ExportFormats filter={allWith("session", session)} columns={[]} />
            </Menu>
            {user !== undefined && (
              <Menu title="Export user">
                <p class="small muted">All logs of this user, in all sessions.</p>
                <ExportFormats filter={allWith("user", user)} columns={[]} />
              </Menu>
            )}
          </div>
        }
      >
        <UntrustedText text={session} max={128} />
      </PageHeader>
      <ExportProgress />
      <ErrorBanner
        failure={(isIncomplete ? undefined : timeline.failure) ?? facets.failure ?? newest.failure ?? histogram.failure}
        onRetry={reload}
      />
      <IncompleteBanner
        answers={answers}
        note={timeline.failure && "The timeline and exports are unavailable until all logs are available."}
        onReload={reload}
      />
      {hits?.length === 0 ? (
        <Notice title="No logs for this session">
          <p class="muted">Its logs may have expired, or belong to an app that you cannot read.</p>
        </Notice>
      ) : (
        <div class="dashboard">
          <Panel title="Session" size="whole">
            <SessionFacts facets={facets.answer} first={hits?.[0]} newest={newest.answer} />
            <SeverityChart histogram={histogram.answer} label="Logs of the session over time" height={110} />
          </Panel>
          <Panel
            title="Timeline"
            size="whole"
            aside={
              hits !== undefined && (
                <span class="panel-hint" role="status">
                  {formatCount(hits.length)}
                  {facets.answer !== undefined && ` of ${formatCount(facets.answer.total)}`}{" "}
                  {(facets.answer?.total ?? hits.length) === 1 ? "log" : "logs"}
                </span>
              )
            }
          >
            {hits !== undefined ? (
              <TimelineList session={session} hits={hits} />
            ) : isIncomplete && timeline.failure !== undefined ? (
              <p class="panel-empty" role="alert">
                {timeline.failure.message}
              </p>
            ) : (
              <PanelSkeleton lines={12} />
            )}
            <MoreButton pages={timeline} />
          </Panel>
        </div>
      )}
    </>
  );
};

/** The view "session": all logs of one session in order. */
export const SessionPage = (): JSX.Element => {
  const { session } = address.value;
  return session === "" ? (
    <Notice title="No session selected">
      <p class="muted">Open a session from a log, an error or an app page.</p>
    </Notice>
  ) : (
    <SessionView key={session} session={session} />
  );
};
