/** The events that a live tail shows. */
import type { LogDocument } from "#contract/store/log-document.ts";

/** A log that has passed the broker and is not stored yet. It may still be rejected. */
export interface TailEvent {
  /** The id of the event, which the stored log has too. `undefined` if the id is derived from the relay's message id. */
  readonly id: string | undefined;
  readonly app: string;
  /** MQTT client id of the sender. */
  readonly client: string;
  /** Time of arrival in this browser, in milliseconds since 1970. */
  readonly receivedAt: number;
  /**
   * The document that will be stored, with four differences: `observedTimestamp` and `edgelog.lagMs` are based on this
   * browser's clock, `error.grouping_key` is absent, `edgelog.sequence` is the order of arrival in this browser, and `log.record.uid` is empty if `id` is `undefined`.
   */
  readonly document: LogDocument;
}
