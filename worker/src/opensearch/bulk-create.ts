/**
 * Creates documents with `_bulk` requests. OpenSearch responds to `create` with 409 when the id exists, so sending a
 * document again never stores it twice.
 *
 * The documents are split by index, and by size, into requests that run concurrently: an index that is unavailable or slow
 * leaves the outcomes of all other documents known, and the documents of a request are released with its response.
 */
import { Buffer } from "node:buffer";
import type { StoreClient } from "./client.ts";
import { parseBulkResponse, type CreateOutcome } from "./parse-bulk-response.ts";

/** One document to create. */
export interface NewDocument {
  readonly index: string;
  readonly id: string;
  /** The document as JSON on one line. */
  readonly source: string;
  /** Size of `source` in UTF-8. */
  readonly bytes: number;
  /** Another index that may already have a document with this id. The document is then a duplicate. */
  readonly earlierIndex?: string | undefined;
}

/** Why a bulk request, or some of its documents, failed. */
export type BulkFailure =
  | { readonly kind: "error_status"; readonly status: number; readonly index: string }
  /** No response, or one that is not JSON. `error` describes the cause. */
  | { readonly kind: "no_response"; readonly error: string; readonly index: string }
  /** The outcome of `count` documents is unknown. `cause` is the first of OpenSearch's errors. */
  | { readonly kind: "unknown_outcomes"; readonly count: number; readonly cause: string; readonly index: string };

/** Documents that are created together. */
export interface Bulk {
  add(document: NewDocument): void;
  /**
   * Creates the documents. Returns one outcome per document, in the order of `add`. Never rejects: the outcome of a
   * document whose request failed is `unknown`. Call it once.
   */
  send(): Promise<readonly CreateOutcome[]>;
}

/**
 * How long OpenSearch waits for an unassigned primary shard or for a new index before it responds with an error for the
 * document. Its default of one minute is longer than our timeout, which would lose the outcomes of all other documents.
 */
const SHARD_TIMEOUT = "2s";

/** After a response, how long to wait for indices without a response before the outcomes of their requests are unknown. */
export const SILENT_INDEX_MS = 2_000;

/** The same for further requests of an index that has responded: a busy OpenSearch takes longer for large requests. */
export const SLOW_REQUEST_MS = 10_000;

/** Size of one request. OpenSearch recommends 3 to 5 MB. */
const MAX_REQUEST_BYTES = 4_194_304;

/** Maximum number of concurrent requests. A Worker can wait for the response headers of six. */
const MAX_CONCURRENT_REQUESTS = 6;

/** Maximum number of indices with separate requests. A sender can choose the day of each event; all other indices share requests. */
const MAX_SEPARATE_INDICES = 16;

const UNKNOWN: CreateOutcome = { state: "unknown" };

/** Limits the response to the fields read below. The others take 200 bytes per document. */
const BULK_PATH = `/_bulk?timeout=${SHARD_TIMEOUT}&filter_path=items.create.status,items.create.error.type,items.create.error.reason`;

/** One document in a group. `slot` is its position in the bulk. */
interface Entry {
  readonly slot: number;
  readonly lines: string;
  readonly bytes: number;
}

/** The documents of one index, and the start of the line that precedes each of them. */
interface IndexEntries {
  readonly action: string;
  readonly entries: Entry[];
}

/** The documents of one index, or of several. */
interface Group {
  readonly index: string;
  readonly entries: Entry[];
}

/** The body of one request, and the positions of its documents in the bulk. */
interface Slice {
  readonly index: string;
  readonly body: Buffer;
  readonly slots: readonly number[];
}

const toGroups = (byIndex: ReadonlyMap<string, IndexEntries>): readonly Group[] => {
  const groups = [...byIndex].map(([index, { entries }]) => ({ index, entries }));
  if (groups.length <= MAX_SEPARATE_INDICES) return groups;
  const bySize = groups.toSorted((a, b) => b.entries.length - a.entries.length);
  const rest = bySize.slice(MAX_SEPARATE_INDICES);
  const shared = { index: `${rest.length} indices`, entries: rest.flatMap(({ entries }) => entries) };
  return [...bySize.slice(0, MAX_SEPARATE_INDICES), shared];
};

const toSlices = ({ index, entries }: Group): readonly Slice[] => {
  const slices: Slice[] = [];
  let start = 0;
  while (start < entries.length) {
    let bytes = 0;
    let end = start;
    for (; end < entries.length; end += 1) {
      bytes += entries[end]?.bytes ?? 0;
      if (end > start && bytes > MAX_REQUEST_BYTES) break;
    }
    const part = entries.slice(start, end);
    const body = Buffer.from(part.map(({ lines }) => lines).join(""));
    slices.push({ index, body, slots: part.map(({ slot }) => slot) });
    start = end;
  }
  return slices;
};

/** Aborts requests that are slower than others, so that these do not wait for their outcomes. */
class SlowRequests {
  readonly #running = new Map<AbortController, string>();
  readonly #respondingIndices = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  start(index: string): AbortController {
    const controller = new AbortController();
    this.#running.set(controller, index);
    this.#restart();
    return controller;
  }

  end(controller: AbortController, respondingIndex?: string): void {
    this.#running.delete(controller);
    if (respondingIndex !== undefined) this.#respondingIndices.add(respondingIndex);
    this.#restart();
  }

  #restart(): void {
    clearTimeout(this.#timer);
    if (this.#respondingIndices.size === 0 || this.#running.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#abort((index) => !this.#respondingIndices.has(index));
      this.#timer = setTimeout(() => this.#abort(() => true), SLOW_REQUEST_MS - SILENT_INDEX_MS);
    }, SILENT_INDEX_MS);
  }

  #abort(isTooSlow: (index: string) => boolean): void {
    for (const [controller, index] of this.#running) if (isTooSlow(index)) controller.abort();
  }
}

const logUnknown = (
  index: string,
  outcomes: readonly CreateOutcome[],
  onFailure: (failure: BulkFailure) => void,
): void => {
  const unknown = outcomes.flatMap((outcome) => (outcome.state === "unknown" ? [outcome] : []));
  const cause = unknown.find((outcome) => outcome.cause !== undefined)?.cause;
  if (cause !== undefined) onFailure({ kind: "unknown_outcomes", count: unknown.length, cause, index });
};

/**
 * Opens an empty bulk. `onFailure` gets the reason of each failure; the outcomes of its documents are `unknown`. So are those of all
 * documents if `mayWrite`, which is called once before the first request, resolves to `false`.
 */
export const openBulk = (
  client: StoreClient,
  onFailure: (failure: BulkFailure) => void,
  mayWrite: () => Promise<boolean> = () => Promise.resolve(true),
): Bulk => {
  const byIndex = new Map<string, IndexEntries>();
  let size = 0;

  const sendSlice = async ({ index, body, slots }: Slice, slow: SlowRequests): Promise<readonly CreateOutcome[]> => {
    const controller = slow.start(index);
    try {
      const response = await client.postLines(BULK_PATH, body, controller.signal);
      slow.end(controller, index);
      if (response.status !== 200) onFailure({ kind: "error_status", status: response.status, index });
      const outcomes = parseBulkResponse(response.status, response.body, slots.length);
      logUnknown(index, outcomes, onFailure);
      return outcomes;
    } catch (error) {
      slow.end(controller);
      onFailure({ kind: "no_response", error: error instanceof Error ? error.message : "unknown", index });
      return parseBulkResponse(0, undefined, slots.length);
    }
  };

  return {
    add: ({ index, id, source, bytes }) => {
      let added = byIndex.get(index);
      if (added === undefined) {
        added = { action: `{"create":{"_index":${JSON.stringify(index)},"_id":`, entries: [] };
        byIndex.set(index, added);
      }
      const lines = `${added.action}${JSON.stringify(id)}}}\n${source}\n`;
      added.entries.push({ slot: size, lines, bytes });
      size += 1;
    },
    send: async () => {
      const slices = toGroups(byIndex).flatMap(toSlices);
      byIndex.clear();
      const results: CreateOutcome[] = Array.from({ length: size }, () => UNKNOWN);
      if (!(await mayWrite())) return results;
      const slow = new SlowRequests();
      const sendNext = async (): Promise<void> => {
        // `shift` releases the body of a slice with its response.
        for (let slice = slices.shift(); slice !== undefined; slice = slices.shift()) {
          const outcomes = await sendSlice(slice, slow);
          slice.slots.forEach((slot, i) => (results[slot] = outcomes[i] ?? UNKNOWN));
        }
      };
      await Promise.all(Array.from({ length: MAX_CONCURRENT_REQUESTS }, sendNext));
      return results;
    },
  };
};
