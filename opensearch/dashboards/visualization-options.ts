/** Building blocks of visualizations: metrics, buckets, and the parameters of each chart type. */
import type { Aggregation } from "./saved-object.ts";

export const count = (customLabel = "Logs"): Aggregation => ({
  type: "count",
  schema: "metric",
  params: { customLabel },
});

export const distinct = (field: string, customLabel: string): Aggregation => ({
  type: "cardinality",
  schema: "metric",
  params: { field, customLabel },
});

export const newest = (customLabel: string): Aggregation => ({
  type: "max",
  schema: "metric",
  params: { field: "@timestamp", customLabel },
});

export const percentiles = (field: string, percents: readonly number[], customLabel: string): Aggregation => ({
  type: "percentiles",
  schema: "metric",
  params: { field, percents, customLabel },
});

/** The top values of a field, ordered by the first metric. */
export const top = (
  field: string,
  size: number,
  customLabel: string,
  schema: Aggregation["schema"] = "bucket",
): Aggregation => ({
  type: "terms",
  schema,
  params: {
    field,
    size,
    customLabel,
    orderBy: "1",
    order: "desc",
    otherBucket: false,
    otherBucketLabel: "Other",
    missingBucket: false,
    missingBucketLabel: "Missing",
  },
});

export const overTime = (): Aggregation => ({
  type: "date_histogram",
  schema: "segment",
  params: {
    field: "@timestamp",
    useNormalizedOpenSearchInterval: true,
    scaleMetricValues: false,
    interval: "auto",
    drop_partials: false,
    min_doc_count: 1,
    extended_bounds: {},
  },
});

export const onMap = (field: string): Aggregation => ({
  type: "geohash_grid",
  schema: "segment",
  params: { field, autoPrecision: true, isFilteredByCollar: true, useGeocentroid: true, precision: 2 },
});

/** Axes of a chart over time. Bars are stacked, lines are not. */
const axes = (kind: "histogram" | "line", label: string): object => ({
  grid: { categoryLines: false },
  categoryAxes: [
    {
      id: "CategoryAxis-1",
      type: "category",
      position: "bottom",
      show: true,
      scale: { type: "linear" },
      labels: { show: true, filter: true, truncate: 100 },
      title: {},
    },
  ],
  valueAxes: [
    {
      id: "ValueAxis-1",
      name: "LeftAxis-1",
      type: "value",
      position: "left",
      show: true,
      scale: { type: "linear", mode: "normal" },
      labels: { show: true, rotate: 0, filter: false, truncate: 100 },
      title: { text: label },
    },
  ],
  seriesParams: [
    {
      show: true,
      type: kind,
      mode: kind === "histogram" ? "stacked" : "normal",
      data: { label, id: "1" },
      valueAxis: "ValueAxis-1",
      drawLinesBetweenPoints: true,
      lineWidth: 2,
      showCircles: false,
    },
  ],
  addTooltip: true,
  addLegend: true,
  legendPosition: "right",
  times: [],
  addTimeMarker: false,
  labels: { show: false },
  thresholdLine: { show: false, value: 10, width: 1, style: "full", color: "#E7664C" },
});

export const BARS = axes("histogram", "Logs");
export const LINES = axes("line", "ms");

export const PIE = {
  addTooltip: true,
  addLegend: true,
  legendPosition: "right",
  isDonut: true,
  labels: { show: true, values: true, last_level: true, truncate: 100 },
} as const;

export const TABLE = {
  perPage: 10,
  showPartialRows: false,
  showMetricsAtAllLevels: false,
  showTotal: false,
  totalFunc: "sum",
  percentageCol: "",
} as const;

export const NUMBER = {
  addTooltip: true,
  addLegend: false,
  metric: {
    percentageMode: false,
    useRanges: false,
    colorSchema: "Green to Red",
    metricColorMode: "None",
    colorsRange: [{ from: 0, to: 10_000 }],
    labels: { show: true },
    invertColors: false,
    style: { bgFill: "#000", bgColor: false, labelColor: false, subText: "", fontSize: 40 },
  },
} as const;

export const MAP = {
  colorSchema: "Yellow to Red",
  mapType: "Scaled Circle Markers",
  isDesaturated: true,
  addTooltip: true,
  heatClusterSize: 1.5,
  legendPosition: "bottomright",
  mapZoom: 2,
  mapCenter: [20, 0],
  wms: { enabled: false, options: { format: "image/png", transparent: true } },
} as const;
