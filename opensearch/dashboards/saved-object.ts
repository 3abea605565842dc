/**
 * Saved objects of OpenSearch Dashboards, in its export and import format. These functions build the nested JSON strings of
 * that format.
 */
export interface Reference {
  readonly name: string;
  readonly type: SavedObject["type"];
  readonly id: string;
}

export interface SavedObject {
  readonly id: string;
  readonly type: "index-pattern" | "search" | "visualization" | "dashboard";
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly Reference[];
  /** Format version; Dashboards migrates older formats. */
  readonly migrationVersion: Readonly<Record<string, string>>;
}

/** Formats that all Dashboards versions since 1.0 can import. */
export const FORMAT_VERSIONS: Readonly<Record<SavedObject["type"], string>> = {
  "index-pattern": "7.6.0",
  search: "7.9.3",
  visualization: "7.10.0",
  dashboard: "7.9.3",
};

/** OpenSearch Dashboards version of the panel format. */
export const PANEL_VERSION = "3.5.0";

const INDEX_REFERENCE = "kibanaSavedObjectMeta.searchSourceJSON.index";

const toObject = (
  type: SavedObject["type"],
  id: string,
  attributes: SavedObject["attributes"],
  references: readonly Reference[] = [],
): SavedObject => ({ id, type, attributes, references, migrationVersion: { [type]: FORMAT_VERSIONS[type] } });

/** `query` is in DQL, the query language of Dashboards. */
const searchSource = (query: string, hasIndex = true): object => ({
  searchSourceJSON: JSON.stringify({
    query: { query, language: "kuery" },
    filter: [],
    ...(hasIndex ? { indexRefName: INDEX_REFERENCE } : {}),
  }),
});

const toIndex = (id: string): Reference => ({ name: INDEX_REFERENCE, type: "index-pattern", id });

/** A field of an index pattern. */
export interface PatternField {
  readonly name: string;
  readonly type: string;
  readonly esTypes: readonly string[];
  readonly searchable: boolean;
  readonly aggregatable: boolean;
  readonly readFromDocValues: boolean;
}

export const indexPattern = (id: string, title: string, fields: readonly PatternField[]): SavedObject =>
  toObject("index-pattern", id, { title, timeFieldName: "@timestamp", fields: JSON.stringify(fields) });

export interface SearchOptions {
  readonly id: string;
  readonly title: string;
  readonly index: string;
  readonly query?: string;
  readonly columns: readonly string[];
}

export const savedSearch = ({ id, title, index, query = "", columns }: SearchOptions): SavedObject =>
  toObject(
    "search",
    id,
    {
      title,
      description: "",
      hits: 0,
      columns,
      sort: [["@timestamp", "desc"]],
      version: 1,
      kibanaSavedObjectMeta: searchSource(query),
    },
    [toIndex(index)],
  );

/** A metric or bucket of a visualization. `schema` is its role in the chart. */
export interface Aggregation {
  readonly type: string;
  readonly schema: "metric" | "segment" | "group" | "bucket";
  readonly params: Readonly<Record<string, unknown>>;
}

export interface VisualizationOptions {
  readonly id: string;
  readonly title: string;
  readonly type: "histogram" | "line" | "pie" | "table" | "metric" | "tile_map";
  readonly index: string;
  readonly query?: string;
  readonly params: object;
  readonly aggs: readonly Aggregation[];
}

const toVisualization = (
  id: string,
  visState: {
    readonly title: string;
    readonly type: string;
    readonly params: object;
    readonly aggs: readonly object[];
  },
  source: object,
  references: readonly Reference[],
): SavedObject => {
  const { title } = visState;
  const json = { uiStateJSON: "{}", visState: JSON.stringify(visState) };
  const attributes = { title, description: "", version: 1, ...json, kibanaSavedObjectMeta: source };
  return toObject("visualization", id, attributes, references);
};

export const visualization = ({ id, title, type, index, query, params, aggs }: VisualizationOptions): SavedObject => {
  const numbered = aggs.map((agg, i) => ({ id: String(i + 1), enabled: true, ...agg }));
  const visState = { title, type, params: { type, ...params }, aggs: numbered };
  return toVisualization(id, visState, searchSource(query ?? ""), [toIndex(index)]);
};

export interface ControlOptions {
  readonly id: string;
  readonly title: string;
  readonly index: string;
  /** Field names by label. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Select lists that filter the whole dashboard. */
export const controls = ({ id, title, index, fields }: ControlOptions): SavedObject => {
  const lists = Object.entries(fields).map(([label, fieldName], i) => ({
    id: `${id}-${i}`,
    fieldName,
    label,
    parent: "",
    type: "list",
    options: { type: "terms", multiselect: true, dynamicOptions: true, size: 10, order: "desc" },
    indexPatternRefName: `control_${i}_index_pattern`,
  }));
  const params = { controls: lists, updateFiltersOnChange: true, useTimeFilter: true, pinFilters: false };
  return toVisualization(
    id,
    { title, type: "input_control_vis", params, aggs: [] },
    searchSource("", false),
    lists.map(({ indexPatternRefName: name }) => ({ name, type: "index-pattern", id: index })),
  );
};

export interface Panel {
  readonly object: SavedObject;
  /** Width and height on a grid of 48 columns. */
  readonly width: number;
  readonly height: number;
}

const GRID_COLUMNS = 48;

/** Lays out panels in rows, in the given order. */
export const dashboard = (id: string, title: string, description: string, panels: readonly Panel[]): SavedObject => {
  let [x, y, rowHeight] = [0, 0, 0];
  const placed = panels.map(({ object, width, height }, i) => {
    if (x + width > GRID_COLUMNS) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const panel = {
      version: PANEL_VERSION,
      gridData: { x, y, w: width, h: height, i: String(i) },
      panelIndex: String(i),
      embeddableConfig: {},
      panelRefName: `panel_${i}`,
    };
    x += width;
    rowHeight = Math.max(rowHeight, height);
    return { panel, reference: { name: panel.panelRefName, type: object.type, id: object.id } };
  });
  return toObject(
    "dashboard",
    id,
    {
      title,
      description,
      hits: 0,
      version: 1,
      timeRestore: true,
      timeFrom: "now-24h",
      timeTo: "now",
      optionsJSON: JSON.stringify({ hidePanelTitles: false, useMargins: true }),
      panelsJSON: JSON.stringify(placed.map(({ panel }) => panel)),
      kibanaSavedObjectMeta: searchSource("", false),
    },
    placed.map(({ reference }) => reference),
  );
};
