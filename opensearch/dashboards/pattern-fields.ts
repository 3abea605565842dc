/** The fields of an index pattern, derived from the mapping of its template. */
import type { PatternField } from "./saved-object.ts";

interface Mapping {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Mapping>>;
}

/** Type names of OpenSearch Dashboards by mapping type. */
const TYPES: Readonly<Record<string, string>> = {
  keyword: "string",
  text: "string",
  flat_object: "flat_object",
  date: "date",
  geo_point: "geo_point",
  byte: "number",
  integer: "number",
  long: "number",
  double: "number",
  binary: "unknown_type",
};

const NOT_AGGREGATABLE = new Set(["text", "flat_object", "binary"]);

export const toPatternFields = (properties: Readonly<Record<string, Mapping>>, parent = ""): readonly PatternField[] =>
  Object.entries(properties).flatMap(([key, mapping]) => {
    const name = `${parent}${key}`;
    if (mapping.properties !== undefined) return toPatternFields(mapping.properties, `${name}.`);
    const type = mapping.type ?? "keyword";
    const aggregatable = !NOT_AGGREGATABLE.has(type);
    return [
      {
        name,
        type: TYPES[type] ?? "string",
        esTypes: [type],
        searchable: true,
        aggregatable,
        readFromDocValues: aggregatable,
      },
    ];
  });
