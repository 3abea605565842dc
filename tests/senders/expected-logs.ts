/**
 * The logs that every sender sends: `count - 4` of the level info, one with unicode and a trace id, one with an exception, and one with
 * the lowest and one with the highest level of the sender.
 */
import { TRACE_ID } from "./senders.ts";

/** A stored log. */
export type StoredLog = Readonly<Record<string, any>>; // oxlint-disable-line typescript/no-explicit-any -- documents under test

export interface Verdict {
  /** Logs that were not found. */
  readonly lost: number;
  /** Logs that were found more than once. */
  readonly doubled: number;
  /** Which of the fields are where they belong. */
  readonly fields: string;
  /** The severities that the lowest and the highest level of the sender have become. */
  readonly levels: string;
}

const kindOf = (body: string): string | undefined => /(event \d+|日本|failed|lowest|highest)/.exec(body)?.[1];

const hasTrace = (log: StoredLog | undefined): boolean => log?.["traceId"] === TRACE_ID;

const hasException = (log: StoredLog | undefined): boolean => log?.["exception"]?.stacktrace !== undefined;

/** @param logs All logs with the token of one sender. */
export const judge = (logs: readonly StoredLog[], count: number): Verdict => {
  const byKind = new Map<string, StoredLog[]>();
  for (const log of logs) {
    const kind = kindOf(String(log["body"]));
    if (kind !== undefined) byKind.set(kind, [...(byKind.get(kind) ?? []), log]);
  }
  const first = (kind: string): StoredLog | undefined => byKind.get(kind)?.[0];
  const checks: Readonly<Record<string, boolean>> = {
    text: String(first("日本")?.["body"]).includes("Grüße 😀 日本"),
    level: first("日本")?.["severity"]?.text === "warn" && first("failed")?.["severity"]?.text === "error",
    trace: hasTrace(first("日本")),
    exception: hasException(first("failed")),
    time: logs.every((log) => log["edgelog"]?.lagMs !== undefined),
    service: logs.every((log) => log["resource"]?.service?.name !== undefined || log["log"]?.logger !== undefined),
  };
  const severityOf = (kind: string): string => String(first(kind)?.["severity"]?.text ?? "-");
  return {
    levels: `${severityOf("lowest")}–${severityOf("highest")}`,
    lost: count - byKind.size,
    doubled: [...byKind.values()].reduce((sum, { length }) => sum + length - 1, 0),
    fields: Object.entries(checks)
      .map(([name, isThere]) => (isThere ? name : `(${name})`))
      .join(" "),
  };
};
