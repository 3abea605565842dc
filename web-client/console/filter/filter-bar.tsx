import type { ComponentChildren, JSX } from "preact";
import { parseQuery } from "#contract/query/parse.ts";
import { filter } from "../address.ts";
import { AppPicker } from "./app-picker.tsx";
import { QueryError } from "./query-error.tsx";
import { QueryHints } from "./query-hints.tsx";
import { SearchBox } from "./search-box.tsx";
import { SeverityPicker } from "./severity-picker.tsx";
import { TimeRange } from "./time-range.tsx";

const ERROR_ID = "query-error";

/** Whether the current query can be parsed. If not, the filter bar shows the error. */
export const isQueryValid = (): boolean => parseQuery(filter.value.q).ok;

/** Search box, time range, severity and app; `children` are additional controls of the page. */
export const FilterBar = ({ children }: { readonly children?: ComponentChildren }): JSX.Element => {
  const { q } = filter.value;
  const parsed = parseQuery(q);
  return (
    <div class="toolbar">
      <SearchBox errorId={parsed.ok ? undefined : ERROR_ID} />
      <TimeRange />
      <SeverityPicker />
      <AppPicker />
      {children}
      {parsed.ok && <QueryHints hints={parsed.hints} />}
      {!parsed.ok && <QueryError id={ERROR_ID} q={q} error={parsed.error} />}
    </div>
  );
};
