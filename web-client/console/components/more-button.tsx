import type { JSX } from "preact";
import type { Pages } from "../api/use-pages.ts";

/** Loads the next page of a list; hidden if there is none. */
export const MoreButton = ({ pages }: { readonly pages: Pages<unknown> }): JSX.Element | null =>
  pages.hits === undefined || !pages.hasMore ? null : (
    <button class="button panel-more" type="button" disabled={pages.isLoading} onClick={() => pages.readMore()}>
      {pages.isLoading ? "Loading…" : "Show more"}
    </button>
  );
