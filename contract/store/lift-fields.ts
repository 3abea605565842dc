/**
 * Moves attributes to their typed fields in the document. Other attributes stay in `attributes`, and so does a value that
 * cannot be converted to the type of its field: a log is never rejected because of the type of an attribute. A value that the
 * typed field does not contain exactly, such as the text `5.0` in a number, is stored in both. Names of the resource among the attributes
 * of an event, and names of the sender in a resource, also reach their typed fields, because queries and facets use only these.
 */
import { ExactNumber } from "#contract/check/exact-number.ts";
import {
  TYPED_EVENT_FIELDS,
  GEO_FIELDS,
  TYPED_RESOURCE_FIELDS,
  type FieldTarget,
  type FieldType,
} from "./log-document.ts";
import { put } from "#contract/wire/json-object.ts";
import type { Attributes } from "#contract/wire/log-event.ts";

type Tree = Record<string, unknown>;

const EVENT_TARGETS: ReadonlyMap<string, FieldTarget> = new Map(Object.entries(TYPED_EVENT_FIELDS));
const RESOURCE_TARGETS: ReadonlyMap<string, FieldTarget> = new Map(Object.entries(TYPED_RESOURCE_FIELDS));

/** Event attributes that describe the sender, and therefore also apply to all events if they are in the resource. */
const SENDER_TARGETS: ReadonlyMap<string, FieldTarget> = new Map(
  [...EVENT_TARGETS].filter(([name]) => /^(?:user|session|organization)\./.test(name)),
);

const toNumber = (value: unknown): unknown => {
  if (value instanceof ExactNumber) return Number(value.digits);
  return typeof value === "string" && value.trim() !== "" ? Number(value) : value;
};

/** A value for OpenSearch's `long`, within the range in which JSON numbers are exact. */
const toLong = (value: unknown): number | undefined => {
  const number = toNumber(value);
  return Number.isSafeInteger(number) ? (number as number) : undefined;
};

const toDouble = (value: unknown): number | undefined => {
  const number = toNumber(value);
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
};

const toText = (value: unknown): string | undefined => {
  if (typeof value === "string") return value;
  if (value instanceof ExactNumber) return value.digits;
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

const setAt = (tree: Tree, path: FieldTarget["path"], value: unknown): void => {
  let node = tree;
  let [last] = path;
  for (let i = 1; i < path.length; i += 1) {
    node = (node[last] ??= {}) as Tree;
    last = path[i] ?? last;
  }
  node[last] = value;
};

/** Whether a typed field contains all of a value. */
const isExact = (converted: unknown, value: unknown): boolean =>
  converted === value || (converted !== undefined && String(converted) === String(value));

/** @param overrides Attributes that take precedence. */
const liftInto = (
  document: Tree,
  rest: Tree,
  source: Attributes,
  targets: ReadonlyMap<string, FieldTarget>,
  overrides?: Attributes,
): void => {
  for (const key in source) {
    const value = source[key];
    if (overrides !== undefined && Object.hasOwn(overrides, key)) continue;
    const target = targets.get(key);
    const converted = target === undefined ? undefined : convert(value, target.type);
    if (target !== undefined && converted !== undefined) setAt(document, target.path, converted);
    if (!isExact(converted, value)) put(rest, key, value);
  }
};

const toDegrees = (value: unknown, bound: number): number | undefined => {
  const degrees = toDouble(value);
  return degrees !== undefined && Math.abs(degrees) <= bound ? degrees : undefined;
};

/** Converts a valid latitude and longitude to a geo point. */
const liftGeo = (document: Tree, rest: Tree): void => {
  const { [GEO_FIELDS.lat]: sentLat, [GEO_FIELDS.lon]: sentLon } = rest;
  const lat = toDegrees(sentLat, 90);
  const lon = toDegrees(sentLon, 180);
  if (lat === undefined || lon === undefined) return;
  setAt(document, ["geo", "location"], { lat, lon });
  if (isExact(lat, sentLat)) delete rest[GEO_FIELDS.lat];
  if (isExact(lon, sentLon)) delete rest[GEO_FIELDS.lon];
};

const isFilled = (tree: Tree): boolean => {
  for (const _ in tree) return true;
  return false;
};

const hasAt = (tree: Tree, path: FieldTarget["path"]): boolean => {
  let node: unknown = tree;
  for (const key of path) node = (node as Tree | undefined)?.[key];
  return node !== undefined;
};

/** `setAt` that copies the objects on the path: other documents share them. */
const withValueAt = (tree: Tree, [first, ...others]: readonly string[], value: unknown): Tree => {
  if (first === undefined) return tree;
  const node = others.length === 0 ? value : withValueAt((tree[first] ?? {}) as Tree, others, value);
  return { ...tree, [first]: node };
};

/** Moves attributes with names of {@link TYPED_RESOURCE_FIELDS} to the typed fields that the resource lacks. */
const liftIntoResource = (document: Tree, rest: Tree, resource: Tree | undefined): void => {
  let extended: Tree = { resource };
  for (const key in rest) {
    const target = RESOURCE_TARGETS.get(key);
    const value = rest[key];
    const converted = target === undefined ? undefined : convert(value, target.type);
    if (target === undefined || converted === undefined || hasAt(extended, target.path)) continue;
    extended = withValueAt(extended, target.path, converted);
    if (isExact(converted, value)) delete rest[key];
  }
  if (extended["resource"] !== resource) document["resource"] = extended["resource"];
};

/**
 * Copies the sender's attributes from its resource, which keeps them, to the typed fields that the event lacks. A user or an organization of the
 * event is not completed: it may be another one.
 */
const liftFromResource = (document: Tree, rest: Tree, resource: Tree | undefined): void => {
  const attributes = resource?.["attributes"] as Attributes | undefined;
  const own = new Set(Object.keys(document));
  for (const key in attributes) {
    const target = SENDER_TARGETS.get(key);
    const converted = target === undefined ? undefined : convert(attributes[key], target.type);
    if (target === undefined || converted === undefined) continue;
    if (!Object.hasOwn(rest, key) && !own.has(target.path[0])) setAt(document, target.path, converted);
  }
};

/**
 * Writes an event's attributes into `document`, after those of its batch, so that the event's take precedence.
 *
 * @param resource The resource of the document, which other documents share. It is not changed: if typed fields of the resource are among the
 *   attributes, `document.resource` becomes a copy with them.
 * @param isExtensible Whether `document.resource` may be such a copy.
 */
export const liftAttributes = (
  document: Tree,
  shared: Attributes | undefined,
  own: Attributes | undefined,
  resource = document["resource"] as Tree | undefined,
  isExtensible = true,
): void => {
  const rest: Tree = {};
  if (shared !== undefined) liftInto(document, rest, shared, EVENT_TARGETS, own);
  if (own !== undefined) liftInto(document, rest, own, EVENT_TARGETS);
  liftFromResource(document, rest, resource);
  if (isExtensible) liftIntoResource(document, rest, resource);
  liftGeo(document, rest);
  if (isFilled(rest)) document["attributes"] = rest;
};

/** Converts a batch's resource to the `resource` of its documents. */
export const liftResource = (resource: Attributes | undefined): Tree | undefined => {
  if (resource === undefined) return undefined;
  const document: Tree = {};
  const rest: Tree = {};
  liftInto(document, rest, resource, RESOURCE_TARGETS);
  if (isFilled(rest)) setAt(document, ["resource", "attributes"], rest);
  return document["resource"] as Tree | undefined;
};
