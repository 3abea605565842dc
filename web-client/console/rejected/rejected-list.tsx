import type { JSX } from "preact";
import type { RejectedResponse, RejectedHit } from "#contract/api/search.ts";
import { requestJson } from "../api/request.ts";
import { usePages } from "../api/use-pages.ts";
import { ErrorBanner } from "../components/error-banner.tsx";
import { UntrustedText } from "../components/untrusted-text.tsx";
import { MoreButton } from "../components/more-button.tsx";
import { Panel, PanelSkeleton } from "../components/panel.tsx";
import { Timestamp } from "../components/timestamp.tsx";
import { RejectedDetail } from "./rejected-detail.tsx";

const LIMIT = 50;

/** What was rejected, the newest first. `params` are those of `/rejected`; another filter needs another key. */
export const RejectedList = ({ params }: { readonly params: URLSearchParams }): JSX.Element => {
  const pages = usePages<RejectedHit, string>(async (cursor, signal) => {
    const asked = new URLSearchParams([...params, ["limit", String(LIMIT)]]);
    if (cursor !== undefined) asked.set("cursor", cursor);
    const outcome = await requestJson<RejectedResponse>(`/rejected?${asked}`, { signal });
    if (outcome.state !== "ok") return outcome;
    const { hits, nextCursor: next } = outcome.answer;
    return { state: "ok", answer: { hits, next } };
  });
  return (
    <Panel title="Newest first" size="whole">
      <ErrorBanner failure={pages.failure} onRetry={() => pages.readMore()} />
      {pages.hits === undefined ? (
        <PanelSkeleton lines={10} />
      ) : (
        <ol class="rejected" aria-label="Rejected payloads, the newest first">
          {pages.hits.map((hit) => (
            <li key={hit.id}>
              <details>
                <summary>
                  <Timestamp ms={Date.parse(hit.document["@timestamp"])} />
                  <UntrustedText text={hit.document.reason} max={40} class="rejected-reason" />
                  <UntrustedText text={hit.document.message} max={240} class="rejected-message" />
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
