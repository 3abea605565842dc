/**
 * The saved objects for OpenSearch Dashboards: index patterns, saved searches, and the dashboards Overview, App and
 * Session. `npm run generate` writes them to `edgelog.ndjson`.
 */
import { LOGS_INDEX_PATTERN, REJECTED_INDEX_PATTERN } from "#contract/store/log-document.ts";
import { SEVERITY_NUMBERS } from "#contract/wire/severity.ts";
import { createIndexTemplates } from "../index-templates.ts";
import {
  BARS,
  count,
  distinct,
  LINES,
  MAP,
  newest,
  NUMBER,
  onMap,
  overTime,
  percentiles,
  PIE,
  TABLE,
  top,
} from "./visualization-options.ts";
import { toPatternFields } from "./pattern-fields.ts";
import {
  controls,
  dashboard,
  indexPattern,
  savedSearch,
  visualization,
  type SavedObject,
  type VisualizationOptions,
} from "./saved-object.ts";

const LOGS = "edgelog-logs";
const REJECTED = "edgelog-rejected";
const ERRORS = `severity.number >= ${SEVERITY_NUMBERS.error}`;

const fieldsOf = (template: string): ReturnType<typeof toPatternFields> => {
  const body = createIndexTemplates()[template] as {
    template: { mappings: { properties: Parameters<typeof toPatternFields>[0] } };
  };
  return toPatternFields(body.template.mappings.properties);
};

const ofLogs = (id: string, options: Omit<VisualizationOptions, "id" | "index">): SavedObject =>
  visualization({ id: `edgelog-${id}`, index: LOGS, ...options });

const table = (id: string, title: string, aggs: VisualizationOptions["aggs"], query = ""): SavedObject =>
  ofLogs(id, { title, type: "table", params: TABLE, aggs, query });

const SERVICE = "resource.service";
const VERSION = `${SERVICE}.version`;
const ENVIRONMENT = "resource.deployment.environment.name";

const total = ofLogs("total", { title: "Logs", type: "metric", params: NUMBER, aggs: [count()] });
const errors = ofLogs("errors", {
  title: "Errors",
  type: "metric",
  params: NUMBER,
  aggs: [count("Errors")],
  query: ERRORS,
});
const users = ofLogs("users", {
  title: "Users and sessions",
  type: "metric",
  params: NUMBER,
  aggs: [distinct("user.id", "Users"), distinct("session.id", "Sessions")],
});
const volume = ofLogs("volume", {
  title: "Logs by severity",
  type: "histogram",
  params: BARS,
  aggs: [count(), overTime(), top("severity.text", 6, "Severity", "group")],
});
const errorsByApp = ofLogs("errors-by-app", {
  title: "Errors by app",
  type: "histogram",
  params: BARS,
  query: ERRORS,
  aggs: [count("Errors"), overTime(), top("edgelog.app", 10, "App", "group")],
});
const errorsByVersion = table(
  "errors-by-version",
  "Errors by version and environment",
  [count("Errors"), distinct("user.id", "Users"), top(VERSION, 10, "Version"), top(ENVIRONMENT, 5, "Environment")],
  ERRORS,
);
const topErrors = table(
  "top-errors",
  "Top errors",
  [
    count("Errors"),
    distinct("user.id", "Users"),
    newest("Last seen"),
    top("error.grouping_key", 20, "Fingerprint"),
    top("exception.type", 1, "Type"),
  ],
  ERRORS,
);
const devices = ofLogs("devices", {
  title: "Devices and systems",
  type: "pie",
  params: PIE,
  aggs: [
    count(),
    top("resource.os.name", 6, "System", "segment"),
    top("resource.device.model.name", 8, "Device", "segment"),
  ],
});
const map = ofLogs("map", {
  title: "Locations",
  type: "tile_map",
  params: MAP,
  aggs: [count(), onMap("geo.location")],
});
const requests = table("requests", "Requests", [
  count("Requests"),
  percentiles("duration.ms", [50, 95, 99], "Duration, ms"),
  top("http.request.method", 6, "Method"),
  top("url.path", 15, "Path"),
]);
const statuses = ofLogs("statuses", {
  title: "Responses by status",
  type: "pie",
  params: PIE,
  aggs: [count(), top("http.response.status_code", 12, "Status", "segment")],
});
const lag = ofLogs("lag", {
  title: "Delay from event to arrival",
  type: "line",
  params: LINES,
  aggs: [percentiles("edgelog.lagMs", [50, 99], "Lag, ms"), overTime()],
});
const tags = table("tags", "Top tags", [count(), top("log.tag", 15, "Tag"), top("log.subtag", 5, "Subtag")]);
const organizations = table("organizations", "Organizations and users", [
  count(),
  top("organization.id", 10, "Organization"),
  top("user.id", 10, "User"),
]);
const rejected = visualization({
  id: "edgelog-rejected-by-reason",
  index: REJECTED,
  title: "Rejected by reason",
  type: "histogram",
  params: BARS,
  aggs: [count("Rejected"), overTime(), top("reason", 16, "Reason", "group")],
});

const chooseApp = controls({
  id: "edgelog-choose-app",
  title: "App",
  index: LOGS,
  fields: { App: "edgelog.app", Version: VERSION, Environment: ENVIRONMENT, Severity: "severity.text" },
});
const chooseSession = controls({
  id: "edgelog-choose-session",
  title: "Session",
  index: LOGS,
  fields: { Session: "session.id", User: "user.id", Organization: "organization.id", Device: "resource.device.id" },
});

const allLogs = savedSearch({
  id: "edgelog-all-logs",
  title: "All logs",
  index: LOGS,
  columns: ["severity.text", "edgelog.app", "body"],
});
const newestErrors = savedSearch({
  id: "edgelog-newest-errors",
  title: "Newest errors",
  index: LOGS,
  query: ERRORS,
  columns: ["edgelog.app", "exception.type", "body", "user.id", "resource.service.version"],
});
const session = savedSearch({
  id: "edgelog-session-logs",
  title: "Logs of a session",
  index: LOGS,
  columns: ["severity.text", "body", "http.request.method", "url.path", "duration.ms", "session.id"],
});
const rejectedPayloads = savedSearch({
  id: "edgelog-rejected-payloads",
  title: "Rejected payloads",
  index: REJECTED,
  columns: ["reason", "message", "edgelog.app", "edgelog.client"],
});

const panel = (object: SavedObject, width = 24, height = 15) => ({ object, width, height });

const dashboards = [
  dashboard("edgelog-overview", "edgelog: Overview", "All apps at a glance.", [
    panel(total, 16, 7),
    panel(errors, 16, 7),
    panel(users, 16, 7),
    panel(volume, 48, 13),
    panel(errorsByApp),
    panel(errorsByVersion),
    panel(topErrors, 48),
    panel(devices),
    panel(map),
    panel(requests),
    panel(lag),
    panel(rejected),
    panel(organizations),
    panel(newestErrors, 48, 18),
  ]),
  dashboard("edgelog-app", "edgelog: App", "One app, selected in the list above.", [
    panel(chooseApp, 48, 8),
    panel(volume, 48, 13),
    panel(topErrors, 48),
    panel(errorsByVersion),
    panel(statuses),
    panel(requests),
    panel(tags),
    panel(devices),
    panel(lag),
    panel(allLogs, 48, 18),
  ]),
  dashboard(
    "edgelog-session",
    "edgelog: Session",
    "Logs of one session, user or device, selected in the lists above.",
    [panel(chooseSession, 48, 8), panel(volume, 48, 11), panel(requests), panel(topErrors), panel(session, 48, 24)],
  ),
];

const searches = [allLogs, newestErrors, session, rejectedPayloads];

const charts = [
  total,
  errors,
  users,
  volume,
  errorsByApp,
  errorsByVersion,
  topErrors,
  devices,
  map,
  requests,
  statuses,
];

const others = [lag, tags, organizations, rejected, chooseApp, chooseSession];

/** All saved objects; referenced objects come first. */
export const createSavedObjects = (): readonly SavedObject[] => [
  indexPattern(LOGS, LOGS_INDEX_PATTERN, fieldsOf("edgelog-logs")),
  indexPattern(REJECTED, REJECTED_INDEX_PATTERN, fieldsOf("edgelog-rejected")),
  ...searches,
  ...charts,
  ...others,
  ...dashboards,
];

/** The import file: one object per line. */
export const toSavedObjectsFile = (): string =>
  createSavedObjects()
    .map((object) => `${JSON.stringify(object)}\n`)
    .join("");
