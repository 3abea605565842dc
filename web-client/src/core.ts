/**
 * What core and carrier share.
 */
import type { Severity } from "../../contract/severity.ts";
import type { Chunk } from "./chunk.ts";
import type { LogCall, QueuedEvent } from "./event.ts";
import type { Consent, DropReason, LoggerCounts, LoggerOptions, LoggerStatus } from "./logger.ts";
import type { Post } from "./post.ts";
import type { Store } from "./store.ts";

/** A request that the core made. */
export interface Flight {
  readonly events: readonly QueuedEvent[];
  readonly answer: Promise<Response | undefined>;
  /** The page was about to go: what was sent may be on another way, too. */
  readonly isLast: boolean | undefined;
}

/** Kinds of news. */
export type NewsKind = "status" | "counts" | "settled";

/**
 * Functions that both use. The carrier does not import them: then they would be a chunk of their own, and that is one
 * more request before the first log, and less to compress.
 */
export interface Tools {
  readonly newId: () => string;
  readonly batchText: (id: string, events: readonly QueuedEvent[]) => string;
  readonly toQueued: (id: string, severity: Severity, json: string, chunk: Chunk) => QueuedEvent;
  readonly whenIdle: (callback: () => void) => unknown;
}

/** The core, as the carrier sees it. */
export interface Core {
  readonly tools: Tools;
  readonly options: LoggerOptions;
  readonly endpoint: string;
  readonly owner: string;
  consent: Consent;
  /** Consent was given: events are written and sent. */
  isOn?: boolean;
  status: LoggerStatus;
  readonly totals: {
    -readonly [Name in Exclude<keyof LoggerCounts, "queued" | "inFlight" | "dropped">]: number;
  } & { readonly dropped: Partial<Record<DropReason, number>> };
  /** What is not accounted for, in the order of its writing. */
  readonly chunks: Set<Chunk>;
  readonly flights: Flight[];
  readonly store: Store;
  readonly post: Post;
  /** Without a value: the counts. */
  emit(kind: NewsKind, value?: unknown): void;
  drop(reason: DropReason, events: readonly { readonly id: string }[]): void;
  log(call: LogCall): void;
  /** Makes events of what was logged. */
  tick(isWhole?: boolean): void;
  /** Forgets all that is in memory; returns it. */
  forget(): readonly { readonly id: string }[];
  /** Stops listening to the page. */
  stop(): void;
  /** Gives up the lock that says that this logger lives. */
  release?: (value?: unknown) => void;
}
