/**
 * Shortens a decoded event until it is within the limits. Programs with their own format cannot react to
 * a receipt, so their events are not rejected for their size; `edgelog.shortened` of the document lists each change.
 */
import { ExactNumber } from "#contract/check/exact-number.ts";
import { checkAttributes } from "#contract/check/check-attributes.ts";
import { put } from "#contract/wire/json-object.ts";
import type { Attributes } from "#contract/wire/log-event.ts";
import {
  MAX_ATTRIBUTE_COUNT,
  MAX_ATTRIBUTE_DEPTH,
  MAX_ATTRIBUTE_KEY_LENGTH,
  MAX_ATTRIBUTE_VALUE_LENGTH,
  MAX_BODY_LENGTH,
  MAX_STACKTRACE_LENGTH,
} from "#contract/wire/limits.ts";
import { TYPED_EVENT_FIELDS, type ShortenedField } from "#contract/store/log-document.ts";
import { shorten, truncate } from "#contract/wire/shorten.ts";

/** Attribute with the JSON text of the attributes that exceed {@link MAX_ATTRIBUTE_COUNT}. */
const OMITTED_ATTRIBUTES = "edgelog.omitted";

const ELLIPSIS = "…";

/** The position at which a text is cut, so that it fits with an ellipsis. It is not between the halves of a surrogate pair. */
const findCut = (text: string, limit: number): number => truncate(text, limit - ELLIPSIS.length).length;

const isTree = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !(value instanceof ExactNumber);

class Fitter {
  readonly shortened: ShortenedField[] = [];
  #valuesLeft: number;
  /** The next suffix for each key that was taken. */
  readonly #suffixes = new Map<string, number>();

  constructor(maxValues: number) {
    this.#valuesLeft = maxValues;
  }

  get valuesLeft(): number {
    return this.#valuesLeft;
  }

  text(text: string, path: string, limit: number): string {
    if (text.length <= limit) return text;
    const end = findCut(text, limit);
    this.shortened.push({ field: shorten(path), length: text.length, rest: text.slice(end) });
    return text.slice(0, end) + ELLIPSIS;
  }

  /** The key for `tree`: another one than its keys, so that no value replaces another. */
  key(key: string, path: string, tree: object): string {
    const fitted = this.text(key, `${path}.${key}`, MAX_ATTRIBUTE_KEY_LENGTH);
    if (!Object.hasOwn(tree, fitted)) return fitted;
    if (fitted !== key) this.shortened.pop();
    const place = `${path}.${fitted}`;
    for (let number = this.#suffixes.get(place) ?? 2; ; number += 1) {
      const suffix = `_${number}`;
      const end = findCut(key, MAX_ATTRIBUTE_KEY_LENGTH - suffix.length);
      const free = key.slice(0, end) + ELLIPSIS + suffix;
      if (Object.hasOwn(tree, free)) continue;
      this.#suffixes.set(place, number + 1);
      this.shortened.push({ field: shorten(`${path}.${key}`), length: key.length, rest: key.slice(end) });
      return free;
    }
  }

  /** Returns `undefined` for a value that does not fit. `omitted` counts it. */
  value(value: unknown, path: string, depth: number, textLimit: number, omitted: { count: number }): unknown {
    if (!isTree(value)) {
      if (this.#valuesLeft === 0) {
        omitted.count += 1;
        return undefined;
      }
      this.#valuesLeft -= 1;
      return typeof value === "string" ? this.text(value, path, textLimit) : value;
    }
    if (depth >= MAX_ATTRIBUTE_DEPTH) {
      const json = JSON.stringify(value);
      // A tree below the maximum depth is stored as its JSON text.
      this.shortened.push({ field: shorten(path), length: json.length });
      return this.value(json, path, depth, textLimit, omitted);
    }
    if (Array.isArray(value)) {
      return value.flatMap((item: unknown, i) => {
        const fitted = this.value(item, `${path}[${i}]`, depth + 1, MAX_ATTRIBUTE_VALUE_LENGTH, omitted);
        return fitted === undefined ? [] : [fitted];
      });
    }
    const tree = {};
    for (const [key, child] of Object.entries(value)) {
      const fitted = this.value(child, `${path}.${key}`, depth + 1, MAX_ATTRIBUTE_VALUE_LENGTH, omitted);
      if (fitted !== undefined) put(tree, this.key(key, path, tree), fitted);
    }
    return tree;
  }
}

const countValues = (value: unknown): number =>
  isTree(value) ? Object.values(value).reduce<number>((sum, child) => sum + countValues(child), 0) : 1;

const textLimitOf = (name: string): number =>
  TYPED_EVENT_FIELDS[name]?.type === "text" ? MAX_STACKTRACE_LENGTH : MAX_ATTRIBUTE_VALUE_LENGTH;

/** Attributes within the limits, and what was shortened. */
export interface FittedMap {
  readonly map: Attributes;
  readonly shortened: readonly ShortenedField[];
}

/**
 * @param copies Names of attributes whose values are also in another field. If there are too many values, these are left out
 * first; the names of the others and their values become the text of one attribute.
 */
const fitMap = (map: Attributes, name: string, copies: ReadonlySet<string>): FittedMap => {
  if (checkAttributes(map, name) === undefined) return { map, shortened: [] };
  const entries = Object.entries(map);
  const own = entries.filter(([key]) => !copies.has(key));
  const ownCount = own.reduce((sum, [, value]) => sum + countValues(value), 0);
  const isOver = ownCount > MAX_ATTRIBUTE_COUNT;
  // One value is for the text of the omitted attributes.
  const fitter = new Fitter(isOver ? MAX_ATTRIBUTE_COUNT - 1 : MAX_ATTRIBUTE_COUNT);
  const fitted: Record<string, unknown> = {};
  const omittedOwn: Record<string, unknown> = {};
  let omittedCount = 0;
  for (const [key, value] of [...own, ...entries.filter(([each]) => copies.has(each))]) {
    const path = `${name}.${key}`;
    const isCopy = copies.has(key);
    // A tree that does not fit as a whole is omitted as a whole, so that its values stay together.
    if (!isCopy && countValues(value) > fitter.valuesLeft) {
      put(omittedOwn, key, value);
      omittedCount += countValues(value);
      continue;
    }
    const omitted = { count: 0 };
    const fit = fitter.value(value, path, 1, textLimitOf(key), omitted);
    if (omitted.count > 0) fitter.shortened.push({ field: shorten(path), omitted: omitted.count });
    const isEmptied = isTree(fit) && omitted.count > 0 && Object.keys(fit).length === 0;
    if (fit !== undefined && !isEmptied) put(fitted, fitter.key(key, name, fitted), fit);
  }
  if (omittedCount > 0) {
    const json = JSON.stringify(omittedOwn);
    fitter.shortened.push({ field: name, omitted: omittedCount });
    put(fitted, OMITTED_ATTRIBUTES, fitter.text(json, `${name}.${OMITTED_ATTRIBUTES}`, MAX_ATTRIBUTE_VALUE_LENGTH));
  }
  return { map: fitted, shortened: fitter.shortened };
};

const NO_COPIES: ReadonlySet<string> = new Set();

/** An event as a decoder makes it, before it is fitted. */
export interface DecodedFields {
  readonly body: string;
  readonly attributes: Attributes;
  readonly resource?: Attributes;
  /** A resource within the limits that several events share, instead of `resource`. */
  readonly sharedResource?: FittedMap;
  /** Names of attributes that repeat a part of the body. */
  readonly copies?: ReadonlySet<string>;
}

export interface FittedFields {
  readonly body: string;
  readonly attributes: Attributes;
  readonly resource: Attributes | undefined;
  readonly shortened: readonly ShortenedField[];
}

/** Returns a resource within the limits, for events that share it. */
export const fitResource = (resource: Attributes): FittedMap => fitMap(resource, "resource", NO_COPIES);

/** Returns attributes within the limits, for events that share them in addition to their own. */
export const fitAttributes = (attributes: Attributes): FittedMap => fitMap(attributes, "attributes", NO_COPIES);

/** Returns fields within the limits of an event, and what was shortened. */
export const fitFields = ({
  body,
  attributes,
  resource,
  sharedResource,
  copies = NO_COPIES,
}: DecodedFields): FittedFields => {
  const bodyFitter = new Fitter(0);
  const fittedBody = bodyFitter.text(body, "body", MAX_BODY_LENGTH);
  const fittedAttributes = fitMap(attributes, "attributes", copies);
  const fittedResource = sharedResource ?? (resource === undefined ? undefined : fitResource(resource));
  const shortened = [...bodyFitter.shortened, ...fittedAttributes.shortened, ...(fittedResource?.shortened ?? [])];
  return { body: fittedBody, attributes: fittedAttributes.map, resource: fittedResource?.map, shortened };
};
