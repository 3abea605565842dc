/**
 * The rows, kept by id: what is there stays as it is (open, focused, selected), what is new comes to its place.
 */
import type { SearchHit } from "../../contract/search.ts";
import { createLogRow } from "./log-row.ts";

const MAX_ROWS = 500;

/** A list on the page. */
export interface LogList {
  /** Adds what is new; `isLive` says that the rows before stay, older ones too. */
  show(hits: readonly SearchHit[], isLive: boolean): void;
  clear(): void;
  readonly size: number;
}

/** Takes over an empty list element. */
export const createLogList = (element: HTMLElement): LogList => {
  let rows = new Map<string, HTMLElement>();
  const clear = (): void => {
    rows = new Map();
    element.replaceChildren();
  };
  return {
    show(hits, isLive) {
      if (!isLive) clear();
      const merged = new Map<string, HTMLElement>();
      let previous: Element | null = null;
      for (const hit of hits) {
        let row = rows.get(hit.id);
        if (row === undefined) {
          row = createLogRow(hit, isLive);
          if (previous === null) element.prepend(row);
          else previous.after(row);
        }
        previous = row;
        merged.set(hit.id, row);
      }
      for (const [id, row] of rows) {
        if (merged.has(id)) continue;
        if (merged.size < MAX_ROWS) merged.set(id, row);
        else row.remove();
      }
      rows = merged;
    },
    clear,
    get size() {
      return rows.size;
    },
  };
};
