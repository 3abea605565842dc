import type { JSX } from "preact";
import type { Pages } from "../api/use-pages.ts";

/** Reads the next page of a list, where there is one. */
export const MoreButton = ({ pages }: { readonly pages: Pages<unknown> }): JSX.Element | null =>
  pages.hits === undefined || !pages.hasMore ? null : (
    <button class="button panel-more" type="button" disabled={pages.isLoading} onClick={() => pages.readMore()}>
      {pages.isLoading ? "Reading…" : "Show more"}
    </button>
  );
