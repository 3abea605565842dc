/** What a live tail tells. */
import type { LogDocument } from "#contract/store/log-document.ts";

/** A log on its way to the store. It is shown before it is stored, and may yet be refused there. */
export interface TailEvent {
  /** The id that it will be stored under; `undefined` when the line gives it one later on. */
  readonly id: string | undefined;
  readonly app: string;
  /** MQTT client id of who sent it. */
  readonly client: string;
  /** When it came here; milliseconds since 1970. */
  readonly receivedAt: number;
  /**
   * As it will be stored, but for what the line knows alone: `observedTimestamp` and `edgelog.lagMs` go by the clock here,
   * `error.grouping_key` is missing, and `log.record.uid` is empty where there is no id.
   */
  readonly document: LogDocument;
}
