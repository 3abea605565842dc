/**
 * Moves attributes that have a typed field of their own to it, and leaves the others where they are.
 * A value that does not fit its field stays an attribute: no log is refused for the type of an attribute.
 */
import {
  TYPED_EVENT_FIELDS,
  GEO_FIELDS,
  TYPED_RESOURCE_FIELDS,
  type FieldTarget,
  type FieldType,
} from "./log-document.ts";
import type { Attributes } from "#contract/wire/log-event.ts";

type Tree = Record<string, unknown>;

const EVENT_TARGETS: ReadonlyMap<string, FieldTarget> = new Map(Object.entries(TYPED_EVENT_FIELDS));
const RESOURCE_TARGETS: ReadonlyMap<string, FieldTarget> = new Map(Object.entries(TYPED_RESOURCE_FIELDS));

/** A key called `__proto__` is a key like any other. Objects with a prototype are what engines are fast with. */
const put = (tree: Tree, key: string, value: unknown): void => {
  if (key !== "__proto__") tree[key] = value;
  else Object.defineProperty(tree, key, { value, enumerable: true, configurable: true, writable: true });
};

/** OpenSearch's `long`, as far as JSON numbers are exact. */
const toLong = (value: unknown): number | undefined => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return Number.isSafeInteger(number) ? (number as number) : undefined;
};

const toDouble = (value: unknown): number | undefined => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
};

const toText = (value: unknown): string | undefined => {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
};

const convert = (value: unknown, type: FieldType): string | number | undefined => {
  switch (type) {
    case "keyword":
    case "text":
      return toText(value);
    case "long":
      return toLong(value);
    case "double":
      return toDouble(value);
  }
};

const setAt = (tree: Tree, path: readonly string[], value: unknown): void => {
  let node = tree;
  for (const part of path.slice(0, -1)) node = (node[part] ??= {}) as Tree;
  const last = path.at(-1);
  if (last !== undefined) node[last] = value;
};

const liftInto = (document: Tree, rest: Tree, source: Attributes, targets: ReadonlyMap<string, FieldTarget>): void => {
  for (const [key, value] of Object.entries(source)) {
    const target = targets.get(key);
    const converted = target === undefined ? undefined : convert(value, target.type);
    if (target === undefined || converted === undefined) put(rest, key, value);
    else setAt(document, target.path, converted);
  }
};

const isBetween = (value: unknown, bound: number): value is number =>
  typeof value === "number" && value >= -bound && value <= bound;

/** Latitude and longitude that are on the globe become a geo point. */
const liftGeo = (document: Tree, rest: Tree): void => {
  const { [GEO_FIELDS.lat]: lat, [GEO_FIELDS.lon]: lon } = rest;
  if (!isBetween(lat, 90) || !isBetween(lon, 180)) return;
  setAt(document, ["geo", "location"], { lat, lon });
  delete rest[GEO_FIELDS.lat];
  delete rest[GEO_FIELDS.lon];
};

const isFilled = (tree: Tree): boolean => {
  for (const _ in tree) return true;
  return false;
};

/** Writes an event's attributes, those of its batch under them, into `document`. */
export const liftAttributes = (document: Tree, shared: Attributes | undefined, own: Attributes | undefined): void => {
  const rest: Tree = {};
  if (shared !== undefined) liftInto(document, rest, shared, EVENT_TARGETS);
  if (own !== undefined) liftInto(document, rest, own, EVENT_TARGETS);
  liftGeo(document, rest);
  if (isFilled(rest)) document["attributes"] = rest;
};

/** A batch's resource as it stands in each of its documents. */
export const liftResource = (resource: Attributes | undefined): Tree | undefined => {
  if (resource === undefined) return undefined;
  const document: Tree = {};
  const rest: Tree = {};
  liftInto(document, rest, resource, RESOURCE_TARGETS);
  if (isFilled(rest)) setAt(document, ["resource", "attributes"], rest);
  return document["resource"] as Tree | undefined;
};
