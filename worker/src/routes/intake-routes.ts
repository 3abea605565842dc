/**
 * The routes of the protocols of other log services: one row for each, with its paths and the responses that its clients expect.
 */
import type { Intake } from "#contract/wire/intakes.ts";

/** The outcome of a request. */
export interface IntakeOutcome {
  readonly stored: number;
  readonly rejected: number;
  /** The reasons of the first rejected events. */
  readonly message: string;
}

export interface IntakeRoute {
  readonly intake: Intake;
  readonly paths: readonly string[];
  /** The sender, for the API description. */
  readonly sender: string;
  readonly contentTypes: readonly string[];
  /** Whether requests can contain compressed data, also without a Content-Encoding header. Default: false. */
  readonly isCompressed?: boolean;
  /** Values that the decoder needs. Default: there are none. */
  readonly readParams?: (request: Request) => Readonly<Record<string, string>>;
  /** The id that the sender gives a request and its repetitions. Default: there is no such id. */
  readonly readRequestId?: (request: Request) => string | undefined;
  /** The status if events are stored, or if no event is left to store. */
  readonly successStatus: 200 | 202 | 204;
  /** The status if all events are rejected. With 200, the client continues; it would repeat the request after any other status. */
  readonly rejectedStatus: 200 | 400;
  /** The body of a successful response. Default: empty. */
  readonly toSuccess?: (request: Request, outcome: IntakeOutcome) => object;
  /** The body of a failed response. Default: the text. */
  readonly toError?: (request: Request, status: number, detail: string) => object;
  /** The body of the response to OPTIONS, with status 200, unless it is a preflight. Default: OPTIONS is for preflights only. */
  readonly options?: object;
  /** Headers of all responses. */
  readonly toHeaders?: (request: Request) => Readonly<Record<string, string>>;
}

/** Values of headers and query parameters longer than this are ignored. */
const MAX_PARAM_LENGTH = 4_096;

const toParams = (entries: Readonly<Record<string, string | null>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(entries).flatMap(([name, value]) =>
      value === null || value === "" || value.length > MAX_PARAM_LENGTH ? [] : [[name, value]],
    ),
  );

const queryParams = (request: Request, names: readonly string[]): Readonly<Record<string, string>> => {
  const { searchParams } = new URL(request.url);
  return toParams(Object.fromEntries(names.map((name) => [name, searchParams.get(name)])));
};

const idOf = (request: Request, header: string): string | undefined => {
  const id = request.headers.get(header);
  return id === null || id === "" || id.length > MAX_PARAM_LENGTH ? undefined : id;
};

/** Codes of Splunk's collector: https://docs.splunk.com/Documentation/Splunk/latest/Data/TroubleshootHTTPEventCollector */
const SPLUNK_CODES: Readonly<Record<number, number>> = { 400: 6, 401: 2, 403: 1, 413: 6, 415: 6, 429: 9, 503: 9 };

const toSplunkError = (_request: Request, status: number, text: string): object => ({
  text,
  code: SPLUNK_CODES[status] ?? 8,
});

const SPLUNK_SUCCESS = { text: "Success", code: 0 };
/** Splunk's clients request it before they send. */
export const SPLUNK_HEALTH_PATHS = ["/services/collector/health", "/services/collector/health/1.0"] as const;
export const SPLUNK_HEALTH = { text: "HEC is healthy", code: 17 };
const SPLUNK_METADATA = ["host", "source", "sourcetype", "index"];
const SPLUNK = {
  readParams: (request) => queryParams(request, SPLUNK_METADATA),
  successStatus: 200,
  rejectedStatus: 400,
  toSuccess: () => SPLUNK_SUCCESS,
  options: SPLUNK_HEALTH,
  toError: toSplunkError,
} satisfies Partial<IntakeRoute>;

const toFirehoseBody = (request: Request): { readonly requestId: string; readonly timestamp: number } => ({
  requestId: idOf(request, "X-Amz-Firehose-Request-Id") ?? "",
  timestamp: Date.now(),
});

export const INTAKE_ROUTES: readonly IntakeRoute[] = [
  {
    intake: "loki",
    paths: ["/loki/api/v1/push", "/api/prom/push"],
    sender: "Loki's clients: Grafana Alloy, Promtail, pino-loki, Fluent Bit",
    contentTypes: ["application/json", "application/x-protobuf"],
    isCompressed: true,
    readParams: (request) =>
      /^application\/x-protobuf/i.test(request.headers.get("Content-Type") ?? "") ? { encoding: "protobuf" } : {},
    successStatus: 204,
    rejectedStatus: 400,
  },
  {
    intake: "datadog",
    paths: ["/api/v2/logs", "/v1/input", "/v1/input/:key"],
    sender: "Datadog's agent and libraries",
    contentTypes: ["application/json", "text/plain"],
    readParams: (request) => queryParams(request, ["ddsource", "ddtags", "service", "hostname"]),
    successStatus: 202,
    rejectedStatus: 400,
    toSuccess: () => ({}),
    toError: (_request, status, detail) => ({ errors: [{ status: String(status), title: "Error", detail }] }),
  },
  {
    intake: "splunk",
    paths: ["/services/collector/event", "/services/collector/event/1.0", "/services/collector"],
    sender: "clients of Splunk's HTTP Event Collector",
    contentTypes: ["application/json"],
    ...SPLUNK,
  },
  {
    intake: "splunk_raw",
    paths: ["/services/collector/raw", "/services/collector/raw/1.0"],
    sender: "clients of Splunk's HTTP Event Collector, with lines of text",
    contentTypes: ["text/plain"],
    ...SPLUNK,
  },
  {
    intake: "logplex",
    paths: ["/heroku"],
    sender: "Heroku's log drains",
    contentTypes: ["application/logplex-1"],
    readParams: (request) => toParams({ drain: request.headers.get("Logplex-Drain-Token") }),
    readRequestId: (request) => idOf(request, "Logplex-Frame-Id"),
    successStatus: 204,
    rejectedStatus: 400,
  },
  {
    intake: "vercel",
    paths: ["/vercel"],
    sender: "Vercel's log drains",
    contentTypes: ["application/json", "application/x-ndjson"],
    successStatus: 200,
    rejectedStatus: 400,
    toSuccess: () => ({}),
    // Vercel checks that the owner of a drain controls its endpoint.
    toHeaders: (request) => {
      const { verify } = queryParams(request, ["verify"]);
      return verify !== undefined && /^[\w-]+$/.test(verify) ? { "x-vercel-verify": verify } : {};
    },
  },
  {
    intake: "firehose",
    paths: ["/firehose"],
    isCompressed: true,
    sender: "Amazon Data Firehose",
    contentTypes: ["application/json"],
    readParams: (request) => toParams({ attributes: request.headers.get("X-Amz-Firehose-Common-Attributes") }),
    readRequestId: (request) => idOf(request, "X-Amz-Firehose-Request-Id"),
    successStatus: 200,
    rejectedStatus: 200,
    toSuccess: toFirehoseBody,
    toError: (request, _status, errorMessage) => ({ ...toFirehoseBody(request), errorMessage }),
  },
  {
    intake: "logpush",
    paths: ["/logpush"],
    sender: "Cloudflare's Logpush",
    contentTypes: ["application/x-ndjson"],
    successStatus: 200,
    rejectedStatus: 200,
    toSuccess: (_request, { stored, rejected }) => ({ stored, rejected }),
  },
  {
    intake: "reports",
    paths: ["/reports"],
    sender: "browsers: the Reporting API and Content Security Policies",
    contentTypes: ["application/reports+json", "application/csp-report"],
    successStatus: 204,
    rejectedStatus: 400,
  },
  {
    intake: "gelf_http",
    paths: ["/gelf"],
    sender: "clients of Graylog: GELF over HTTP",
    contentTypes: ["application/json"],
    successStatus: 202,
    rejectedStatus: 400,
  },
];
