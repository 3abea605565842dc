/**
 * The rows of the log list for one filter: older pages are loaded while scrolling, new logs are polled for and added live.
 * `rows` is changed in place; each change increments `state.version`.
 */
import { signal } from "@preact/signals";
import type { Incomplete } from "#contract/api/incomplete.ts";
import type { SearchResponse, SearchHit } from "#contract/api/search.ts";
import type { QueryHint } from "#contract/query/ast.ts";
import { parseQuery } from "#contract/query/parse.ts";
import { requestJson, toRetryMs, type RequestResult } from "../../api/request.ts";
import { compareRows, insertRows, toRow, type LogRow } from "./log-row.ts";
import { sleep } from "../../lib/sleep.ts";
import { withArrivalSince } from "../../lib/edit-query.ts";
import { toEpochMs } from "../../lib/to-epoch-ms.ts";

const FIRST_PAGE = 100;
const NEXT_PAGE = 500;
const POLL_PAGE = 200;
/** With more pages of new logs than this, the list is reloaded. */
const MAX_POLL_PAGES = 5;
const POLL_MS = 1_000;
/** Each poll goes back this far, because logs are not stored exactly in order. */
const OVERLAP_MS = 10_000;
/**
 * One in this many polls searches by time of arrival instead of time, for logs that are late: the clock of their device is
 * slow, or it was offline.
 */
const WIDE_POLL_EVERY = 10;
/** A live row that no such poll confirms as stored within this time is removed: it does not match, or has another time. */
const CONFIRMATION_TIMEOUT_MS = 60_000;
/** A live list with more rows than this is reloaded. */
const MAX_LIVE_ROWS = 50_000;
const MAX_HELD = 1_000;
/** A search result that is this much older than the start of a relative range shows that this browser's clock is wrong. */
const CLOCK_TOLERANCE_MS = 60_000;

type Failure = Extract<RequestResult<never>, { state: "failed" }>;

export interface FeedState {
  /** Incremented with each change of the rows. */
  readonly version: number;
  readonly isLoading: boolean;
  readonly isLoadingMore: boolean;
  readonly hasMore: boolean;
  /** Number of matches when they were last counted, plus logs added since. */
  readonly total: number;
  /** Whether there are more matches: the first page counts up to 10,000. */
  readonly isTotalLowerBound: boolean;
  /** Number of new logs that are shown when the user scrolls to the top. */
  readonly held: number;
  readonly failure: Failure | undefined;
  /** The logs that older pages may lack. Live logs are not affected. */
  readonly incomplete: Incomplete | undefined;
  /** Remarks on the query of the last first page. */
  readonly hints: readonly QueryHint[];
}

export class LogFeed {
  readonly rows: LogRow[] = [];
  readonly state = signal<FeedState>({
    version: 0,
    isLoading: true,
    isLoadingMore: false,
    hasMore: false,
    total: 0,
    isTotalLowerBound: false,
    held: 0,
    failure: undefined,
    incomplete: undefined,
    hints: [],
  });
  readonly #params: URLSearchParams;
  readonly #controller = new AbortController();
  /** Keys of `rows` and held rows. */
  readonly #keys = new Set<string>();
  #held: LogRow[] = [];
  /** Times of arrival of live rows that are not stored yet, by key. */
  readonly #arrivedAt = new Map<string, number>();
  /** Number of matches when they were last counted. */
  #counted = 0;
  /** Keys of rows and held rows that were added since then. */
  readonly #uncounted = new Set<string>();
  #cursor: string | undefined;
  /** Last row before `#cursor`. */
  #end: LogRow | undefined;
  #isClockWrong = false;
  #isLive = false;
  #isScrolledDown = false;
  #mustReload = false;
  #polls = 0;
  /** Start of the last search that found all logs that had arrived. */
  #completeAt = 0;

  /** `params`: the filter as parameters of `/search`. */
  constructor(params: URLSearchParams) {
    this.#params = params;
  }

  /** Loads the first page, then polls for new logs until {@link stop}. */
  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#controller.abort();
  }

  set isLive(isLive: boolean) {
    this.#isLive = isLive;
  }

  /** Set while the user has scrolled down: new logs are held back so that no row moves. */
  set isScrolledDown(isScrolledDown: boolean) {
    this.#isScrolledDown = isScrolledDown;
    if (!isScrolledDown) this.showHeld();
  }

  /** Sets the exact number of matches, counted now. */
  setTotal(total: number): void {
    this.#removeOld();
    this.#counted = total;
    this.#uncounted.clear();
    this.#set({ isTotalLowerBound: false });
  }

  /** Adds the held logs to the rows. */
  showHeld(): void {
    if (this.#mustReload) void this.#guard(() => this.#loadFirst());
    else if (this.#held.length > 0) {
      insertRows(this.rows, this.#held);
      this.#held = [];
      this.#changed({ held: 0 });
    }
  }

  /** Loads the list again. */
  reload(): void {
    void this.#guard(() => this.#loadFirst());
  }

  /** Loads the next older page. */
  async loadMore(): Promise<void> {
    const { isLoadingMore, failure } = this.state.value;
    const cursor = this.#cursor;
    if (cursor === undefined || isLoadingMore || failure !== undefined) return;
    this.#set({ isLoadingMore: true });
    await this.#guard(async () => {
      const outcome = await this.#search({ limit: String(NEXT_PAGE), cursor });
      if (outcome.state === "ok" && this.#cursor === cursor) {
        const page = outcome.answer.hits.map((hit) => toRow(hit));
        const rows = page.filter(({ key }) => !this.#keys.has(key));
        for (const { key } of rows) this.#keys.add(key);
        // A live log can be older than the page.
        insertRows(this.rows, rows);
        this.#end = page.at(-1) ?? this.#end;
        this.#cursor = outcome.answer.nextCursor;
        const { incomplete = this.state.value.incomplete } = outcome.answer;
        this.#changed({ hasMore: this.#cursor !== undefined, incomplete });
      } else if (outcome.state === "failed") this.#set({ failure: outcome });
    });
    this.#set({ isLoadingMore: false });
  }

  /** Adds logs from the live tail. A later poll confirms that they are stored. */
  addLive(hits: readonly SearchHit[]): void {
    // The pending reload will contain them.
    if (this.#mustReload) return;
    const byKey = new Map(hits.map((hit) => toRow(hit, true)).map((row) => [row.key, row]));
    const newRows = [...byKey.values()].filter(({ key }) => !this.#keys.has(key));
    for (const { key } of newRows) this.#arrivedAt.set(key, Date.now());
    this.#addNew(newRows);
  }

  async #run(): Promise<void> {
    const { signal } = this.#controller;
    let failures = 0;
    await this.#guard(() => this.#loadFirst());
    while (!signal.aborted) {
      const { failure } = this.state.value;
      failures = failure === undefined ? 0 : failures + 1;
      await sleep(failures === 0 ? POLL_MS : toRetryMs(failures, failure?.status), signal);
      if (signal.aborted || document.hidden) continue;
      if (this.rows.length === 0 && failure !== undefined) await this.#guard(() => this.#loadFirst());
      else if (this.#isLive || failure !== undefined) await this.#guard(() => this.#poll());
    }
  }

  async #guard(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!this.#controller.signal.aborted) throw error;
    }
  }

  async #search(more: Readonly<Record<string, string>>): Promise<RequestResult<SearchResponse>> {
    const startMs = this.#rangeStartMs();
    const params = new URLSearchParams(this.#params);
    if (params.has("q")) params.set("highlight", "true");
    for (const [name, value] of Object.entries(more)) params.set(name, value);
    const outcome = await requestJson<SearchResponse>(`/search?${params}`, { signal: this.#controller.signal });
    const oldest = outcome.state === "ok" ? outcome.answer.hits.at(-1) : undefined;
    if (oldest !== undefined && toRow(oldest).ms < startMs - CLOCK_TOLERANCE_MS) this.#isClockWrong = true;
    return outcome;
  }

  /** Logs before this time have left the time range. */
  #rangeStartMs(): number {
    const ms = toEpochMs(this.#params.get("from") ?? "");
    return this.#isClockWrong || Number.isNaN(ms) ? -Infinity : ms;
  }

  async #loadFirst(): Promise<void> {
    const startedAt = Date.now();
    const outcome = await this.#search({ limit: String(FIRST_PAGE) });
    if (outcome.state === "failed") this.#set({ isLoading: false, failure: outcome });
    if (outcome.state !== "ok") return;
    const { hits, total, totalIsLowerBound, nextCursor, incomplete, hints = [] } = outcome.answer;
    const before = this.state.value;
    this.#counted = totalIsLowerBound ? Math.max(total, before.total) : total;
    this.#uncounted.clear();
    this.rows.splice(0, this.rows.length, ...hits.map((hit) => toRow(hit)));
    this.#end = this.rows.at(-1);
    this.#keys.clear();
    for (const { key } of this.rows) this.#keys.add(key);
    this.#cursor = nextCursor;
    this.#held = [];
    this.#arrivedAt.clear();
    this.#mustReload = false;
    this.#completeAt = startedAt;
    this.#changed({
      isLoading: false,
      isTotalLowerBound: totalIsLowerBound && (before.isTotalLowerBound || before.total <= total),
      failure: undefined,
      held: 0,
      hasMore: nextCursor !== undefined,
      incomplete,
      hints,
    });
  }

  async #poll(): Promise<void> {
    this.#polls += 1;
    this.#removeOld();
    const startedAt = Date.now();
    const newest = Math.max(0, ...[this.rows[0], this.#held[0]].map((row) => row?.ms ?? 0));
    const isWide = newest === 0 || this.#polls % WIDE_POLL_EVERY === 0;
    const arrived = isWide ? this.#toArrivedQuery(startedAt) : undefined;
    // A log with a time in the future must not hide the logs of other clients.
    const from = Math.max(Math.min(newest, startedAt - OVERLAP_MS) - OVERLAP_MS, this.#rangeStartMs());
    const range = newest === 0 ? {} : arrived === undefined ? { from: String(from) } : { q: arrived };
    const hits: SearchHit[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MAX_POLL_PAGES; page += 1) {
      const outcome = await this.#search({
        limit: String(isWide ? NEXT_PAGE : POLL_PAGE),
        ...range,
        ...(cursor !== undefined && { cursor }),
      });
      if (outcome.state === "failed") this.#set({ failure: outcome });
      if (outcome.state !== "ok") return;
      hits.push(...outcome.answer.hits);
      if (isWide && (outcome.answer.incomplete === undefined) !== (this.state.value.incomplete === undefined)) {
        // The storage became available or unavailable: the list's older pages may have changed.
        if (outcome.answer.incomplete === undefined) return this.#reload();
        this.#set({ incomplete: outcome.answer.incomplete });
      }
      cursor = outcome.answer.nextCursor;
      if (cursor === undefined) break;
    }
    if (this.state.value.failure !== undefined) this.#set({ failure: undefined });
    if (cursor !== undefined) return this.#reload();
    if (isWide) this.#completeAt = startedAt;
    this.#confirm(hits, isWide);
  }

  /**
   * The filter's query for the logs that arrived since the last complete search, and earlier by the time that a live row may
   * take to be stored. `undefined` if it would exceed the limits of a query.
   */
  #toArrivedQuery(nowMs: number): string | undefined {
    const ageMs = nowMs - this.#completeAt + CONFIRMATION_TIMEOUT_MS + OVERLAP_MS;
    const q = withArrivalSince(this.#params.get("q") ?? "", Math.ceil(ageMs / 1_000));
    return parseQuery(q).ok ? q : undefined;
  }

  /** Processes stored logs: adds new ones, and confirms rows from the live tail or, after a wide poll, removes them. */
  #confirm(hits: readonly SearchHit[], isWide: boolean): void {
    const stored = new Map(hits.map((hit) => toRow(hit)).map((row) => [row.key, row]));
    const expiredBefore = isWide ? Date.now() - CONFIRMATION_TIMEOUT_MS : -Infinity;
    let left = this.#arrivedAt.size;
    const hadUnconfirmed = left > 0;
    for (const rows of [this.rows, this.#held]) {
      for (let index = 0; index < rows.length && left > 0; index += 1) {
        const row = rows[index];
        if (row?.isUnconfirmed !== true) continue;
        left -= 1;
        const confirmed = stored.get(row.key);
        if (confirmed === undefined && (this.#arrivedAt.get(row.key) ?? 0) > expiredBefore) continue;
        this.#arrivedAt.delete(row.key);
        if (confirmed?.ms === row.ms) rows[index] = confirmed;
        else {
          rows.splice(index, 1);
          index -= 1;
          this.#forget(row);
        }
      }
    }
    const startMs = this.#rangeStartMs();
    // A late log below the end comes with its page.
    this.#addNew(
      [...stored.values()].filter((row) => !this.#keys.has(row.key) && !(row.ms < startMs) && !this.#isBelowEnd(row)),
    );
    if (hadUnconfirmed && !this.#mustReload) this.#changed({ held: this.#held.length });
  }

  /** Whether a row belongs to a page that is not loaded yet. */
  #isBelowEnd(row: LogRow): boolean {
    return this.#cursor !== undefined && this.#end !== undefined && compareRows(row, this.#end) > 0;
  }

  #addNew(newRows: readonly LogRow[]): void {
    // The pending reload will contain them.
    if (newRows.length === 0 || this.#mustReload) return;
    for (const { key } of newRows) this.#keys.add(key);
    const added = newRows.filter((row) => !this.#isBelowEnd(row));
    for (const { key } of added) this.#uncounted.add(key);
    insertRows(this.rows, this.#isScrolledDown ? newRows.filter((row) => this.#isBelowEnd(row)) : newRows);
    if (this.#isScrolledDown) insertRows(this.#held, added);
    const isTooLong = this.#isScrolledDown
      ? this.#held.length > MAX_HELD
      : this.rows.length > MAX_LIVE_ROWS && this.#isLive;
    if (isTooLong) return this.#reload();
    this.#changed({ held: this.#held.length });
  }

  /** Removes rows that have left a relative time range. */
  #removeOld(): void {
    if (this.#mustReload) return;
    const startMs = this.#rangeStartMs();
    const before = this.#keys.size;
    for (const rows of [this.rows, this.#held]) {
      for (let last = rows.at(-1); last !== undefined && last.ms < startMs; last = rows.at(-1)) {
        rows.pop();
        this.#forget(last);
      }
    }
    if (this.#keys.size < before) this.#changed({ held: this.#held.length });
  }

  /** Updates the number of matches and the keys for a removed row. */
  #forget({ key, isUnconfirmed }: LogRow): void {
    this.#keys.delete(key);
    this.#arrivedAt.delete(key);
    const isUncounted = this.#uncounted.delete(key);
    // A log that is not stored is in no count.
    if (!isUncounted && !isUnconfirmed) this.#counted = Math.max(0, this.#counted - 1);
  }

  /** Too many new logs: reloads the list now, or when the user scrolls to the top. */
  #reload(): void {
    this.#mustReload = true;
    if (this.#isScrolledDown) this.#set({ held: MAX_HELD });
    else this.showHeld();
  }

  #changed(change: Partial<FeedState>): void {
    this.#set({ ...change, version: this.state.value.version + 1 });
  }

  #set(change: Partial<FeedState>): void {
    if (this.#controller.signal.aborted) return;
    this.state.value = { ...this.state.value, ...change, total: this.#counted + this.#uncounted.size };
  }
}
