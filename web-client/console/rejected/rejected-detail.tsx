import type { JSX } from "preact";
import type { RejectedDocument } from "#contract/store/log-document.ts";
import type { RejectedHit } from "#contract/api/search.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { CopyButton } from "../components/copy-button.tsx";
import { UntrustedText } from "../components/untrusted-text.tsx";
import { formatBinaryBytes, formatCount } from "../lib/format-number.ts";
import { EXPLANATIONS } from "./reasons.ts";
import { toHex } from "./to-hex.ts";

/** Preview limits: UTF-16 code units of text, bytes of binary data. `rejected -- show` prints the full payload. */
const MAX_TEXT_LENGTH = 6_000;
const MAX_HEX_BYTES = 512;

const toPreview = ({ text, base64 }: RejectedDocument["payload"]): string =>
  text === undefined ? toHex(base64 ?? "", MAX_HEX_BYTES) : visibleText(text, MAX_TEXT_LENGTH);

const isTruncated = ({ text, bytes }: RejectedDocument["payload"]): boolean =>
  text === undefined ? bytes > MAX_HEX_BYTES : text.length > MAX_TEXT_LENGTH;

/** Number of events by severity of a document without payload. */
const toCounts = ({ event }: RejectedDocument): string | undefined => {
  const counts = Object.entries(event?.severities ?? {}).map(
    ([severity, count]) => `${formatCount(count)} ${severity}`,
  );
  return counts.length === 0 ? undefined : counts.join(", ");
};

const toFacts = (document: RejectedDocument): (readonly [string, unknown])[] => {
  const { edgelog, event, field, limit, payload } = document;
  return (
    [
      ["Field", field],
      ["Limit", limit],
      ["Transport", edgelog.transport],
      ["Client", edgelog.client],
      ["Topic", edgelog.topic],
      ["Event ID", event?.id],
      ["Index in batch", event?.index],
      ["Events", toCounts(document)],
      ["Size", hasPayload(document) ? formatBinaryBytes(payload.bytes) : undefined],
    ] as const
  ).filter(([, value]) => value !== undefined);
};

/** Events over quota are counted without their payload. */
const hasPayload = ({ payload }: RejectedDocument): boolean =>
  payload.text !== undefined || payload.base64 !== undefined;

const Command = ({ command }: { readonly command: string }): JSX.Element => (
  <p class="rejected-command">
    <code>{command}</code>
    <CopyButton text={command}>Copy</CopyButton>
  </p>
);

/** One rejected payload: reason, contents, and the commands to show and replay it. */
export const RejectedDetail = ({ hit: { id, document } }: { readonly hit: RejectedHit }): JSX.Element => {
  const { reason, payload } = document;
  return (
    <div class="rejected-detail">
      <p>{EXPLANATIONS[reason] ?? "Unknown reason. Reload the page to get the latest console."}</p>
      <dl class="facts">
        {toFacts(document).map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <UntrustedText text={value} max={160} />
            </dd>
          </div>
        ))}
      </dl>
      {hasPayload(document) ? (
        <>
          <pre class="stack untrusted" dir="auto" tabIndex={0} aria-label="Payload">
            {toPreview(payload)}
          </pre>
          {isTruncated(payload) && <p class="panel-hint">Truncated. Run the command below to see the full payload.</p>}
          <Command command={`npm run rejected -- show ${visibleText(id, 64)}`} />
          <Command command={`npm run rejected -- replay ${visibleText(id, 64)}`} />
        </>
      ) : (
        <p class="panel-hint">The payload is not stored, so these events cannot be replayed.</p>
      )}
    </div>
  );
};
