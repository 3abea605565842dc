/**
 * The read side for scripts and the console: `GET /search?app=&q=&severity=&limit=` with a reader token.
 */
import type { LogDocument } from "./log-document.ts";

/** One hit: the document and its id. */
export interface SearchHit {
  readonly id: string;
  readonly document: LogDocument;
}

/** Answer of `GET /search`, the newest first. */
export interface SearchAnswer {
  /** How many documents match; exact up to 10,000, then a lower bound. */
  readonly total: number;
  readonly totalIsLowerBound: boolean;
  readonly hits: readonly SearchHit[];
}
