/**
 * Cursors: the place where a page ended, the point in time it was read in, and a mark of what was asked for. A cursor
 * gives no rights: every page is asked for with the filter of the token that asks.
 */
import * as z from "zod";
import { MAX_CURSOR_LENGTH } from "#contract/wire/limits.ts";
import type { Place } from "./search-page.ts";
import { ProblemError } from "../http/problem.ts";

export interface Cursor {
  readonly after: Place;
  readonly pit?: string | undefined;
}

const cursorSchema = z.tuple([z.literal(1), z.string(), z.int(), z.string().max(256), z.string().regex(/^[\w=+/-]*$/)]);

const MARK_LENGTH = 16;

/** The same for the same request, whatever its cursor and its limit. */
const toMark = async (params: Readonly<Record<string, unknown>>): Promise<string> => {
  const { cursor: _, limit: __, ...rest } = params;
  const text = JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest))).slice(0, MARK_LENGTH);
};

const toBase64Url = (text: string): string => btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** A point in time over very many indices has an id that is too long for an address: then it goes on without. */
export const writeCursor = async (
  params: Readonly<Record<string, unknown>>,
  { after, pit }: Cursor,
): Promise<string> => {
  const mark = await toMark(params);
  const [timeMs, id] = after;
  const write = (pitId: string): string => toBase64Url(JSON.stringify([1, mark, timeMs, id, pitId]));
  const whole = write(pit ?? "");
  return whole.length <= MAX_CURSOR_LENGTH ? whole : write("");
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return undefined;
  }
};

/** Throws a 400 for a cursor that is none, or one of another request. */
export const readCursor = async (
  params: Readonly<Record<string, unknown>>,
  text: string | undefined,
): Promise<Cursor | undefined> => {
  if (text === undefined) return undefined;
  const parsed = cursorSchema.safeParse(parse(text));
  if (!parsed.success || parsed.data[1] !== (await toMark(params))) {
    throw new ProblemError({
      status: 400,
      reason: "invalid_cursor",
      detail: "This is no cursor of this request: repeat the parameters of the page that gave it.",
      field: "cursor",
    });
  }
  const [, , timeMs, id, pit] = parsed.data;
  return { after: [timeMs, id], pit: pit === "" ? undefined : pit };
};
