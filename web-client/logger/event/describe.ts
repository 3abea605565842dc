/**
 * Describes objects of the language and the browser, which JSON shows as `{}`. Loaded with the delivery module.
 */
import { MAX_ATTRIBUTE_VALUE_LENGTH } from "#contract/wire/limits.ts";

/**
 * The properties that describe an object of the browser. Others may be private, e.g. the `key` of a keyboard event, the `data`
 * of a message or the `value` of an input.
 */
const DESCRIPTIVE_NAMES = [
  "type",
  "name",
  "nodeName",
  "id",
  "className",
  "size",
  "byteLength",
  "lastModified",
  "message",
  "code",
  "reason",
  "status",
  "statusText",
  "method",
  "url",
  "filename",
  "lineno",
  "colno",
  "wasClean",
  "detail",
  "error",
  "target",
];

/** Properties of objects of the language and the browser. */
interface Described extends Iterable<readonly [name: string, value: unknown]> {
  readonly [name: string]: unknown;
  readonly subarray?: (start: number, end: number) => object;
}

/**
 * Its text, if it has one (RegExp, URLSearchParams, typed arrays); its entries (Map, Headers, FormData) or values (Set, NodeList);
 * or its descriptive properties (Event, File, Element). Throws if a getter or a method of the object throws.
 */
export const describe = (object: object): unknown => {
  const value = object as Described;
  const text = String(value.subarray?.(0, MAX_ATTRIBUTE_VALUE_LENGTH) ?? value);
  if (!text.startsWith("[object ")) return text;
  if (typeof value["entries"] === "function") {
    const entries = [...value];
    if (typeof value["get"] !== "function") return entries;
    // Names that are objects would all become the same name.
    if (entries.some(([name]) => typeof name === "object")) return entries;
    // FormData can have several values of one name.
    const lists = new Map<string, unknown[]>();
    for (const [name, item] of entries) lists.set(String(name), [...(lists.get(String(name)) ?? []), item]);
    return Object.fromEntries([...lists].map(([name, items]) => [name, items.length > 1 ? items : items[0]]));
  }
  const properties = DESCRIPTIVE_NAMES.map((name) => [name, value[name]] as const).filter(
    ([, item]) => item !== "" && item != null && typeof item !== "function",
  );
  return properties[0] ? Object.fromEntries(properties) : text;
};
