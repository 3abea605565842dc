/**
 * Whether an event is admitted: by the quotas of its app, which are in `quota/`, and by the erased users, in `erase/`.
 */
import type { Severity } from "#contract/wire/severity.ts";
import type { Violation } from "#contract/wire/violation.ts";

/** The properties of an event on which its admission depends. */
export interface AdmissionCandidate {
  /** Values of the fields that identify the user; empty if no user of the app was erased. */
  readonly users: readonly string[];
  /** The time that the sender gave, or else that of arrival, in milliseconds since 1970. */
  readonly loggedMs: number;
  readonly severity: Severity;
  /** Size of its document. */
  readonly bytes: number;
  /** Its `@timestamp`, in milliseconds since 1970. */
  readonly timestampMs: number;
}

/** The admission of one delivery's events. */
export interface Admission {
  /** Counts an event. Returns a violation, and does not count it, if the event is over a quota or belongs to an erased user. */
  readonly admit: (event: AdmissionCandidate) => Violation | undefined;
  /**
   * Returns a violation if the logs of one of the users from this time were erased. Counts nothing. Absent: no user of the app was
   * erased.
   *
   * @param loggedMs `undefined` if the time cannot be read: then an erasure of any time counts.
   */
  readonly refuseErased?: (users: readonly string[], loggedMs: number | undefined) => Violation | undefined;
  /**
   * Counts a document with rejected events. Returns a violation, and does not count it, if the app is over a quota. Absent: the app has
   * no quota.
   */
  readonly admitRejected?: (bytes: number, arrivedMs: number) => Violation | undefined;
  /** Undoes the counts, because the delivery stored nothing or will be sent again. */
  readonly release: () => void;
}

/** Opens the admission of one delivery. */
export type OpenAdmission = () => Admission;

/** Admits every event: the app has no quota and no erased users. */
export const UNLIMITED: Admission = { admit: () => undefined, release: () => undefined };
