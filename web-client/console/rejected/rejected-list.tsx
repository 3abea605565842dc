import type { JSX } from "preact";
import type { RejectedResponse, RejectedHit } from "#contract/api/search.ts";
import { requestJson } from "../api/request.ts";
import { usePages } from "../api/use-pages.ts";
import { ErrorBanner } from "../components/error-banner.tsx";
import { MoreButton } from "../components/more-button.tsx";
import { Panel, PanelSkeleton } from "../components/panel.tsx";
import { Timestamp } from "../components/timestamp.tsx";
import { UntrustedText } from "../components/untrusted-text.tsx";
import { RejectedDetail } from "./rejected-detail.tsx";

const LIMIT = 50;

/** Rejected payloads, newest first. `params` are those of `/rejected`. Use a new `key` for each filter. */
export const RejectedList = ({ params }: { readonly params: URLSearchParams }): JSX.Element => {
  const pages = usePages<RejectedHit, string>(async (cursor, signal) => {
    const query = new URLSearchParams([...params, ["limit", String(LIMIT)]]);
    if (cursor !== undefined) query.set("cursor", cursor);
    const outcome = await requestJson<RejectedResponse>(`/rejected?${query}`, { signal });
    if (outcome.state !== "ok") return outcome;
    const { hits, nextCursor: next } = outcome.answer;
    return { state: "ok", answer: { hits, next } };
  });
  return (
    <Panel title="Rejected payloads" size="whole">
      <ErrorBanner failure={pages.failure} onRetry={() => pages.readMore()} />
      {pages.hits === undefined ? (
        <PanelSkeleton lines={10} />
      ) : pages.hits.length === 0 ? (
        <p class="panel-empty">No payloads with this reason.</p>
      ) : (
        <ol class="rejected" aria-label="Rejected payloads, newest first">
          {pages.hits.map((hit) => (
            <li key={hit.id}>
              <details>
                <summary>
                  <Timestamp ms={Date.parse(hit.document["@timestamp"])} />
                  <UntrustedText text={hit.document.reason} max={40} class="rejected-reason" />
                  <UntrustedText text={hit.document.message} max={240} class="rejected-message" hasCode />
                  <UntrustedText text={hit.document.edgelog.app ?? "no app"} max={64} class="rejected-app" />
                </summary>
                <RejectedDetail hit={hit} />
              </details>
            </li>
          ))}
        </ol>
      )}
      <MoreButton pages={pages} />
    </Panel>
  );
};
