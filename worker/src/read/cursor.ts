/**
 * Cursors: the position at which a page ended, its point in time, and a hash of the query. A cursor grants no access:
 * every page is filtered by the apps of the requesting token.
 */
import * as z from "zod";
import { MAX_CURSOR_LENGTH } from "#contract/wire/limits.ts";
import { FailureError } from "../failure.ts";
import { isPositionIn, LOG_ORDER, type PagePosition, type SortOrder } from "./sort-order.ts";

export interface Cursor {
  readonly after: PagePosition;
  /** Id of the point in time. */
  readonly pit?: string | undefined;
}

/** Version of the format, hash of the query, values of the sort keys, id of the point in time. */
const cursorSchema = z.tuple([
  z.literal(2),
  z.string(),
  z.array(z.union([z.int(), z.string().max(256)])).max(8),
  z.string().regex(/^[\w=+/-]*$/),
]);

const QUERY_HASH_LENGTH = 16;

/** Equal for all pages of a query: it covers all parameters except `cursor` and `limit`. */
const hashQuery = async (params: Readonly<Record<string, unknown>>): Promise<string> => {
  const { cursor: _, limit: __, ...rest } = params;
  const text = JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest))).slice(0, QUERY_HASH_LENGTH);
};

const toBase64Url = (text: string): string => btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** The id of a point in time over many indices may be too long for a URL. It is then omitted. */
export const encodeCursor = async (
  params: Readonly<Record<string, unknown>>,
  { after, pit }: Cursor,
): Promise<string> => {
  const hash = await hashQuery(params);
  const encode = (pitId: string): string => toBase64Url(JSON.stringify([2, hash, after, pitId]));
  const cursor = encode(pit ?? "");
  return cursor.length <= MAX_CURSOR_LENGTH ? cursor : encode("");
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return undefined;
  }
};

/**
 * Throws `invalid_cursor` for a malformed cursor and for a cursor of a different query.
 *
 * @param order The order of the documents. Default: that of logs.
 */
export const decodeCursor = async (
  params: Readonly<Record<string, unknown>>,
  text: string | undefined,
  order: SortOrder = LOG_ORDER,
): Promise<Cursor | undefined> => {
  if (text === undefined) return undefined;
  const parsed = cursorSchema.safeParse(parse(text));
  if (!parsed.success || parsed.data[1] !== (await hashQuery(params))) {
    throw new FailureError({ kind: "invalid_cursor" });
  }
  const [, , after, pit] = parsed.data;
  if (!isPositionIn(order, after)) throw new FailureError({ kind: "invalid_cursor" });
  return { after, pit: pit === "" ? undefined : pit };
};
