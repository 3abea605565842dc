/**
 * From what a reader asks for to OpenSearch's query DSL. Text never becomes a query string of OpenSearch's own.
 */
import { SEVERITY_NUMBERS, type Severity } from "../../../contract/severity.ts";

export interface SearchRequest {
  /** Apps to read; the caller has checked that the reader may. */
  readonly apps: readonly string[];
  /** Text to look for; empty for all. */
  readonly text: string;
  /** The least severity. */
  readonly severity: Severity | undefined;
  /** Hits at the most. */
  readonly limit: number;
}

/** Fields in which a whole value is looked for, beside the words of the text fields. */
const EXACT_FIELDS = [
  "log.record.uid",
  "attributes",
  "resource.attributes",
  "resource.service.name",
  "resource.deployment.environment.name",
  "resource.device.id",
  "resource.device.name",
  "resource.device.model.name",
  "user.id",
  "user.name",
  "user.email",
  "session.id",
  "organization.id",
  "traceId",
  "http.request.method",
  "url.path",
  "log.tag",
  "log.subtag",
] as const;

const toTextQuery = (text: string): object => ({
  bool: {
    minimum_should_match: 1,
    should: [
      {
        multi_match: {
          query: text,
          type: "cross_fields",
          operator: "and",
          fields: ["body", "exception.message", "exception.stacktrace"],
        },
      },
      { match_phrase_prefix: { body: { query: text, max_expansions: 50 } } },
      ...EXACT_FIELDS.map((field) => ({ term: { [field]: { value: text } } })),
    ],
  },
});

export const buildQuery = ({ apps, text, severity, limit }: SearchRequest): object => ({
  size: limit,
  sort: [{ "@timestamp": "desc" }, { "log.record.uid": "desc" }],
  query: {
    bool: {
      filter: [
        { terms: { "edgelog.app": apps } },
        ...(severity === undefined ? [] : [{ range: { "severity.number": { gte: SEVERITY_NUMBERS[severity] } } }]),
        ...(text === "" ? [] : [toTextQuery(text)]),
      ],
    },
  },
});
