import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { relayReportSchema } from "#contract/relay/relay-report.ts";
import type { RelayStatus } from "../src/health.ts";
import { startStatusReports, toRelayId, toReport } from "../src/status-reports.ts";

const CLIENT_ID = "relay-0123456789abcdef0123";
const TOKEN = "elt_0123456789abcdef0123456789abcdef";

const STATUS: RelayStatus = {
  heldMessages: 3,
  heldBytes: 300,
  inFlightRequests: 1,
  oldestUnacknowledgedMs: 61_000,
  isConnected: true,
  sessions: 4,
  readySessions: 4,
  slowSessions: 1,
  lostSessions: 0,
  lastLossAtMs: undefined,
  brokerDroppedMessages: 7,
  lastDropAtMs: undefined,
  isStateSaved: true,
  stateUnreadableAtMs: undefined,
  isHandoverStale: false,
  refusedMessages: 0,
  lastRefusalAtMs: undefined,
  brokerStoredBytes: 1_000,
  brokerHeapBytes: 4_000,
  brokerQueueBytes: 2_000,
  hasClockSkew: false,
  certificateDays: 12.5,
  lastFailure: { app: undefined, failure: "failed", detail: "a text of the server", at: "2026-11-29T12:00:00.000Z" },
};

it("a report matches the contract, and has no text of other systems", () => {
  const report = toReport(toRelayId(CLIENT_ID), STATUS, Date.UTC(2026, 10, 29));
  expect(relayReportSchema.parse(report)).toEqual(report);
  expect(report).toMatchObject({
    status: "stalled",
    problems: ["stalled", "certificate_expires"],
    certificateDays: 12.5,
  });
  expect(JSON.stringify(report)).not.toContain("a text of the server");
});

it("the memory of the broker is a problem above twice the limit of a queue", () => {
  const read = (brokerHeapBytes: number | undefined): readonly string[] =>
    toReport("0123456789ab", { ...STATUS, brokerHeapBytes }, 0).problems;
  expect(read(4_001)).toContain("broker_memory");
  expect(read(4_000)).not.toContain("broker_memory");
  expect(read(undefined)).not.toContain("broker_memory");
});

it("the name of a relay is stable, and does not contain its client id", () => {
  expect(toRelayId(CLIENT_ID)).toBe(toRelayId(CLIENT_ID));
  expect(toRelayId(CLIENT_ID)).not.toBe(toRelayId(`${CLIENT_ID}x`));
  expect(toRelayId(CLIENT_ID)).toMatch(/^[0-9a-f]{12}$/);
});

it("reports repeatedly with the relay's token, also after a failure, until it is stopped", async () => {
  const requests: { readonly url: string | undefined; readonly headers: IncomingHttpHeaders; readonly body: string }[] =
    [];
  const third = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      requests.push({ url: request.url, headers: request.headers, body });
      response.writeHead(requests.length === 1 ? 503 : 204).end();
      if (requests.length === 3) third.resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = startStatusReports({
    worker: { url, token: TOKEN },
    clientId: CLIENT_ID,
    readStatus: () => STATUS,
    intervalMs: 20,
  });
  await third.promise;
  stop();
  server.closeAllConnections();
  server.close();
  const [first] = requests;
  expect(first).toMatchObject({ url: "/relay/status", headers: { authorization: `Bearer ${TOKEN}` } });
  expect(first?.body).not.toContain(CLIENT_ID);
});
