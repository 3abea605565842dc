/** A log call of tests/web-client/odd-values.test.ts, and the event that it has to become. */
export interface Row {
  readonly name: string;
  /** Source of the arguments of `log.error`, after statements that prepare them. */
  readonly prepare?: string;
  readonly args: string;
  readonly body?: string | RegExp;
  /** All attributes except `exception.stacktrace`. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly stacktrace?: RegExp;
}

/** The attribute with the number of omitted attributes. */
export const DROPPED = "log.record.dropped_attributes_count";
