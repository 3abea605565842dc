/**
 * Collects the fields of an event for the decoders of other formats. No value replaces another: a name that is already used
 * leaves a value under the name that its sender uses.
 */
import { toSpanId, toTraceId } from "#contract/check/normalize-event.ts";
import { put } from "#contract/wire/json-object.ts";
import type { Attributes } from "#contract/wire/log-event.ts";
import { FreeNames } from "#contract/check/free-names.ts";

/** Null and empty texts, lists and objects carry no information. */
export const isEmpty = (value: unknown): boolean => {
  if (typeof value === "string") return value.trim() === "";
  return value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);
};

/** The value, if validation accepts or converts it as a trace id. */
export const asTraceId = (value: unknown): string | undefined =>
  typeof value === "string" && toTraceId(value) !== undefined ? value : undefined;

/** The value, if validation accepts or converts it as a span id. */
export const asSpanId = (value: unknown): string | undefined =>
  typeof value === "string" && toSpanId(value) !== undefined ? value : undefined;

export class FieldMap {
  readonly #map: Record<string, unknown> = {};
  readonly #names = new FreeNames();

  get map(): Attributes {
    return this.#map;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#map, name);
  }

  /**
   * Adds the value of a field that the format defines, unless it is empty.
   *
   * @param name The name in the event. If it is taken, `sentName` is used.
   * @param sentName The sender's name, with the names of the objects around it. Default: `name`.
   */
  add(name: string, value: unknown, sentName = name): void {
    if (!isEmpty(value)) this.keep(name, value, sentName);
  }

  /** Adds the value of any other field, even if it is empty. */
  keep(name: string, value: unknown, sentName = name): void {
    put(this.#map, this.has(name) ? this.#names.find(sentName, (each) => this.has(each)) : name, value);
  }
}
