/**
 * The protocols of other log services that have their own route, see worker/src/routes/intake-routes.ts. The route selects the
 * decoder in worker/src/ingest/decoders; the texts and objects inside are recognized by their shape.
 */
export const INTAKES = [
  "loki",
  "datadog",
  "splunk",
  "splunk_raw",
  "logplex",
  "vercel",
  "firehose",
  "logpush",
  "reports",
  "gelf_http",
] as const;

/** Name of a protocol. */
export type Intake = (typeof INTAKES)[number];

/** A protocol that only its own route can read. */
export type OtherProtocol = Intake | "elasticsearch" | "otlp";
