/** Sends one event through each route, and looks whether OpenSearch has it. Without an app, only connects to the broker. */
import { v7 as uuidv7 } from "uuid";
import type { Receipt } from "#contract/wire/receipt.ts";
import { failed, passed, skipped, toUnexpected, warned, type Finding } from "../lib/finding.ts";
import { parseReceipt } from "./parse-response.ts";
import type { MqttResult, Probe } from "./probe.ts";
import type { DoctorTarget } from "./target.ts";

const MIN_CERTIFICATE_DAYS = 14;

const RENEW = "run `make-credentials.sh --dir DIR`, then SIGHUP (docs/operate/README.md, certificates)";

/** An event, and the name of its route. */
interface SentEvent {
  readonly route: string;
  readonly id: string;
}

const toEvent = (route: string, id: string, nowMs: number): object => ({
  id,
  time: new Date(nowMs).toISOString(),
  severity: "info",
  body: `npm run doctor: an event over ${route}`,
  attributes: { "doctor.route": route },
});

const toFinding = (route: string, { stored, duplicates, rejected }: Receipt): Finding => {
  const [first] = rejected;
  if (stored + duplicates === 1) return passed(route, "OpenSearch has the event");
  return failed(
    route,
    first === undefined ? "the receipt accounts for no event" : `rejected, ${first.reason}: ${first.message ?? ""}`,
  );
};

const HTTP_PROBLEMS: Readonly<Record<number, string>> = {
  401: "the key is wrong or expired: `npm run app -- show ID`, then `rotate ID`; KV and caches take one minute",
  403: "the app is disabled, or a firewall responds: `npm run app -- enable ID`",
  404: "the URL is not that of the Worker",
  415: "a proxy changes the request",
  429: "rate limit: wait 10 seconds, or `npm run app -- set ID --rate high`",
  500: "the Worker failed; see its log",
  503: "the Worker cannot store: OpenSearch is unavailable or read-only, see the health above",
};

const sendOverHttp = async (probe: Probe, target: DoctorTarget, event: object): Promise<Finding> => {
  const { app = "", key = "" } = target.credentials ?? {};
  const route = "POST /logs";
  try {
    const { status, text, headers } = await probe.http(new URL("/logs", target.worker).href, {
      method: "POST",
      headers: { Authorization: `Basic ${btoa(`${app}:${key}`)}`, "Content-Type": "application/json" },
      body: JSON.stringify(event),
    });
    if (headers.has("cf-mitigated")) return failed(route, "Cloudflare's bot protection responds: see bot protection");
    if (status !== 200 && status !== 400) return failed(route, `${status}: ${HTTP_PROBLEMS[status] ?? "unexpected"}`);
    const receipt = parseReceipt(text);
    return receipt === undefined ? failed(route, "the response is not a receipt") : toFinding(route, receipt);
  } catch (error) {
    return failed(route, error instanceof Error ? error.message : "no response");
  }
};

const toMqttFinding = (route: string, result: MqttResult): Finding => {
  switch (result.state) {
    case "receipt":
      return toFinding(route, result.receipt);
    case "denied":
      return failed(
        route,
        "the broker refuses user or password: `npm run app -- sync`, then SIGHUP to the broker. Its password file lacks the key",
      );
    case "no_receipt":
      return failed(
        route,
        "the broker accepted the event, and there is no receipt after 15 s. If the health above has no problem, the relay is stopped, stuck, or has no session for this app",
      );
    case "unreachable":
      return failed(route, `cannot connect: ${result.detail}`);
  }
};

/** Explains a certificate, which many clients report as a connection error only. */
const checkCertificate = async (probe: Probe, url: string): Promise<readonly Finding[]> => {
  if (!/^(?:mqtts|wss|https):/.test(url)) return [];
  const name = `certificate of ${new URL(url).host}`;
  try {
    const { days, error } = await probe.readCertificate(url);
    if (days < 0) return [failed(name, `expired: ${RENEW}`)];
    if (error !== undefined)
      return [failed(name, `clients do not accept it: ${error}. Pass a private CA with --ca FILE`)];
    return days < MIN_CERTIFICATE_DAYS
      ? [warned(name, `expires in ${Math.floor(days)} days: ${RENEW}`)]
      : [passed(name, `valid for ${Math.floor(days)} days`)];
  } catch (error) {
    return [failed(name, `no TLS: ${error instanceof Error ? error.message : "unknown"}`)];
  }
};

/** For a check without an app. */
const checkConnection = async (probe: Probe, route: string, url: string): Promise<Finding> => {
  const result = await probe.connectWithoutUser(url);
  return result.state === "running"
    ? passed(route, "the broker responds")
    : failed(route, `cannot connect: ${result.detail}`);
};

/** The checks of the broker's public listeners that need no app. */
export const checkListeners = async (probe: Probe, { brokers }: DoctorTarget): Promise<readonly Finding[]> => {
  const findings: Finding[] = [];
  for (const url of brokers) {
    findings.push(...(await checkCertificate(probe, url)), await checkConnection(probe, `MQTT over ${url}`, url));
  }
  return findings;
};

const SEARCH_ATTEMPTS = 10;
const SEARCH_INTERVAL_MS = 1_000;

const checkSearch = async (probe: Probe, target: DoctorTarget, sent: readonly SentEvent[]): Promise<Finding> => {
  const name = "search";
  if (target.readerToken === undefined) return skipped(name, "pass a reader token in EDGELOG_READER_TOKEN");
  const url = new URL("/search", target.worker);
  url.searchParams.set("q", '"npm run doctor"');
  url.searchParams.set("limit", "100");
  let missing = sent;
  for (let attempt = 0; attempt < SEARCH_ATTEMPTS; attempt += 1) {
    const { status, text } = await probe.http(url.href, { headers: { Authorization: `Bearer ${target.readerToken}` } });
    if (status === 401) return failed(name, "the reader token is unknown or expired: `npm run reader -- create`");
    if (status === 403)
      return failed(name, "the reader token may not read this app: `npm run reader -- create --app ID`");
    if (status !== 200) return failed(name, `status ${status}: OpenSearch cannot be searched, see the health above`);
    missing = sent.filter(({ id }) => !text.includes(id));
    if (missing.length === 0) return passed(name, `finds all ${sent.length} events`);
    await probe.sleep(SEARCH_INTERVAL_MS);
  }
  const routes = missing.map(({ route }) => route).join(", ");
  return failed(name, `does not find the event sent over ${routes}: does the token cover the app? Is an index red?`);
};

const checkTail = async (probe: Probe, target: DoctorTarget): Promise<Finding> => {
  const { credentials, readerToken, worker } = target;
  const name = "live tail";
  if (readerToken === undefined || credentials === undefined) return skipped(name, "pass a reader token and an app");
  const reader = await probe.http(new URL("/reader", worker).href, {
    headers: { Authorization: `Bearer ${readerToken}` },
  });
  if (reader.status === 200 && !reader.text.includes('"tail":["')) {
    return warned(name, "unavailable: set the secret TAIL_PASSWORD to the password of the broker's user _tail");
  }
  const url = new URL("/tail", worker.replace(/^http/, "ws")).href;
  const mqtt = new URL("/mqtt", worker.replace(/^http/, "ws")).href;
  const result = await probe.watchTail(url, credentials.app, readerToken, async () => {
    await probe.sendOverMqtt(mqtt, credentials, toEvent("live tail", uuidv7(), probe.nowMs()));
  });
  if (result.state === "received") return passed(name, "shows an event as it arrives");
  return result.state === "refused"
    ? failed(name, `refused (${result.detail}): is TAIL_PASSWORD the password of _tail, and the token valid?`)
    : failed(name, "shows nothing: is _tail in the broker's acl, and TAIL_PASSWORD correct?");
};

export const checkSending = async (probe: Probe, target: DoctorTarget): Promise<readonly Finding[]> => {
  const { credentials, worker, brokers } = target;
  const edge = new URL("/mqtt", worker.replace(/^http/, "ws")).href;
  if (credentials === undefined) {
    return [
      skipped("sending, search, live tail", "pass an app and its key in EDGELOG_APP and EDGELOG_KEY"),
      await checkConnection(probe, "MQTT over /mqtt", edge),
      ...(await checkListeners(probe, target)),
    ];
  }
  const findings: Finding[] = [];
  const sent: SentEvent[] = [];
  const send = async (route: string, work: (event: object) => Promise<Finding>): Promise<void> => {
    const id = uuidv7();
    const finding = await work(toEvent(route, id, probe.nowMs()));
    findings.push(finding);
    if (finding.result === "ok") sent.push({ route, id });
  };
  await send("POST /logs", (event) => sendOverHttp(probe, target, event));
  for (const url of [edge, ...brokers]) {
    const route = url === edge ? "MQTT over /mqtt" : `MQTT over ${url}`;
    if (url !== edge) findings.push(...(await checkCertificate(probe, url)));
    await send(route, async (event) => toMqttFinding(route, await probe.sendOverMqtt(url, credentials, event)));
  }
  if (sent.length > 0) {
    findings.push(await checkSearch(probe, target, sent).catch((error) => toUnexpected("search", error)));
  }
  findings.push(await checkTail(probe, target).catch((error) => toUnexpected("live tail", error)));
  return findings;
};
