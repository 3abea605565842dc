/**
 * Reports the state of the relay to the Worker each minute, for the status page. Best effort: a report that fails is not repeated, and
 * the page shows how old the last one is.
 */
import { createHash } from "node:crypto";
import type { RelayReport } from "#contract/relay/relay-report.ts";
import { toHealth, type RelayStatus } from "./health.ts";

const INTERVAL_MS = 60_000;
const TIMEOUT_MS = 10_000;

/** The first report follows the first connection. */
const FIRST_REPORT_MS = 2_000;

const ID_LENGTH = 12;

/** A name for the relay. The client id is secret and long, so the start of its hash does not reveal it. */
export const toRelayId = (clientId: string): string =>
  createHash("sha256").update(`edgelog relay\n${clientId}`).digest("hex").slice(0, ID_LENGTH);

/** A report has no payload, no secret, and no text of other systems. */
export const toReport = (id: string, status: RelayStatus, nowMs: number): RelayReport => {
  const { lastFailure, certificateDays } = status;
  return {
    id,
    ...toHealth(status, nowMs),
    oldestUnacknowledgedMs: status.oldestUnacknowledgedMs,
    heldMessages: status.heldMessages,
    brokerStoredBytes: status.brokerStoredBytes,
    brokerQueueBytes: status.brokerQueueBytes,
    brokerDroppedMessages: status.brokerDroppedMessages,
    lostSessions: status.lostSessions,
    sessions: status.sessions,
    readySessions: status.readySessions,
    slowSessions: status.slowSessions,
    ...(certificateDays === undefined ? {} : { certificateDays }),
    ...(lastFailure === undefined
      ? {}
      : {
          lastFailure: {
            failure: lastFailure.failure,
            ...(lastFailure.app === undefined ? {} : { app: lastFailure.app.slice(0, 64) }),
            at: lastFailure.at,
          },
        }),
  };
};

export interface StatusReportOptions {
  readonly worker: { readonly url: string; readonly token: string };
  readonly clientId: string;
  readonly readStatus: () => RelayStatus;
  /** Default: 60,000. */
  readonly intervalMs?: number;
}

/** Returns a function that ends the reports. */
export const startStatusReports = ({
  worker,
  clientId,
  readStatus,
  intervalMs = INTERVAL_MS,
}: StatusReportOptions): (() => void) => {
  const endpoint = new URL("/relay/status", worker.url);
  const id = toRelayId(clientId);
  const report = async (): Promise<void> => {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: { Authorization: `Bearer ${worker.token}`, "Content-Type": "application/json" },
      body: JSON.stringify(toReport(id, readStatus(), Date.now())),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
  };
  const send = (): void => void report().catch(() => undefined);
  const first = setTimeout(send, Math.min(FIRST_REPORT_MS, intervalMs));
  const timer = setInterval(send, intervalMs);
  first.unref();
  timer.unref();
  return () => {
    clearTimeout(first);
    clearInterval(timer);
  };
};
