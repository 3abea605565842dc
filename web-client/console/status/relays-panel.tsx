import type { JSX } from "preact";
import { Panel } from "../components/panel.tsx";
import { RelativeTime } from "../components/relative-time.tsx";
import { formatCount, formatDuration } from "../lib/format-number.ts";
import { formatByteCount } from "#contract/wire/quantity.ts";
import { toRelayState, type Relay } from "./assess.ts";

const Facts = ({ relay, nowMs }: { readonly relay: Relay; readonly nowMs: number }): JSX.Element => {
  const { text, tone } = toRelayState(relay, nowMs);
  const { lastFailure, certificateDays, problems } = relay;
  const problem = problems.join(", ").replaceAll("_", " ");
  return (
    <li class="status-relay">
      <h3>
        <span class="status-dot" data-tone={tone} />
        Relay {relay.id}
        <span class="status-state" data-tone={tone}>
          {text}
        </span>
      </h3>
      {problem !== "" && problem !== text && <p class="status-problem">{problem}</p>}
      <dl class="facts">
        <div>
          <dt>Last report</dt>
          <dd>
            <RelativeTime time={relay.reportedAt} />
          </dd>
        </div>
        <div>
          <dt>Oldest message</dt>
          <dd>{formatDuration(relay.oldestUnacknowledgedMs)}</dd>
        </div>
        <div>
          <dt>Waiting in the broker</dt>
          <dd>{formatByteCount(relay.brokerStoredBytes)}</dd>
        </div>
        <div>
          <dt>Held in the relay</dt>
          <dd>{formatCount(relay.heldMessages)} messages</dd>
        </div>
        <div>
          <dt>Sessions ready</dt>
          <dd>
            {relay.readySessions} of {relay.sessions}
            {relay.slowSessions > 0 && `, ${relay.slowSessions} slow`}
          </dd>
        </div>
        <div>
          <dt>Dropped by the broker</dt>
          <dd>{formatCount(relay.brokerDroppedMessages)} messages</dd>
        </div>
        <div>
          <dt>Sessions lost</dt>
          <dd>{formatCount(relay.lostSessions)}</dd>
        </div>
        <div>
          <dt>Certificate</dt>
          <dd>{certificateDays === undefined ? "no TLS" : `${Math.floor(certificateDays)} days left`}</dd>
        </div>
        {lastFailure !== undefined && (
          <div>
            <dt>Last failure</dt>
            <dd>
              {lastFailure.failure}
              {lastFailure.app !== undefined && ` (${lastFailure.app})`}, <RelativeTime time={lastFailure.at} />
            </dd>
          </div>
        )}
      </dl>
    </li>
  );
};

/** The reports of all relays. */
export const RelaysPanel = ({
  relays,
  nowMs,
}: {
  readonly relays: readonly Relay[] | undefined;
  readonly nowMs: number;
}): JSX.Element => (
  <Panel title="Relays" size="whole" aside={<span class="panel-hint">Each relay reports every minute</span>}>
    {relays === undefined ? (
      <p class="panel-empty">Not available: the reports are in OpenSearch, which does not respond.</p>
    ) : relays.length === 0 ? (
      <p class="panel-empty">No relay has reported in the last 7 days. Logs over MQTT are not stored.</p>
    ) : (
      <ul class="status-relays">
        {relays.map((relay) => (
          <Facts key={relay.id} relay={relay} nowMs={nowMs} />
        ))}
      </ul>
    )}
  </Panel>
);
