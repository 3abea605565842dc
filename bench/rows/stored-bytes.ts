/** The size of the store for one event, relative to the default dynamic mapping of the same events. */
import { createIndexTemplates } from "../../opensearch/index-templates.ts";
import { queryOpenSearch } from "../../tests/support/query-opensearch.ts";
import type { NewDocument } from "../../worker/src/opensearch/bulk-create.ts";
import { makeLogs } from "../read-data.ts";
import type { Row } from "../row.ts";
import { deleteIndex } from "../support/bulk.ts";
import { FRESH_SIZES } from "../support/fresh-sizes.ts";
import { toFigure } from "../support/figure.ts";
import { DAY_MS } from "#contract/wire/durations.ts";

/** More documents do not change the size of one. */
const MAX_EVENTS = 100_000;

const MARK = { atMost: 0.6 };

const OURS = "bench-bytes-edgelog";
const DYNAMIC = "bench-bytes-dynamic";

/** The event as a shipper without our mapping would store it: nested objects, and no terms of ours. */
const toPlain = (source: string): string => {
  const { edgelog: _edgelog, ...document } = JSON.parse(source) as { readonly edgelog?: object };
  return JSON.stringify(document);
};

const measureIndex = async (url: string, index: string): Promise<number> => {
  await queryOpenSearch(url, `/${index}/_forcemerge?max_num_segments=1&flush=true`);
  await queryOpenSearch(url, `/${index}/_refresh`);
  const { indices } = await queryOpenSearch<{
    indices: Readonly<Record<string, { primaries: { store: { size_in_bytes: number }; docs: { count: number } } }>>;
  }>(url, `/${index}/_stats/store,docs`, undefined, "GET");
  const primaries = indices[index]?.primaries;
  return (primaries?.store.size_in_bytes ?? Number.NaN) / (primaries?.docs.count ?? Number.NaN);
};

/** Bytes of a log with our mapping, and with default dynamic mapping. */
export const measureStoredBytes = async (
  url: string,
  batches: Iterable<readonly NewDocument[]>,
): Promise<{ readonly ours: number; readonly dynamic: number }> => {
  const { template } = createIndexTemplates()["edgelog-logs"] as {
    readonly template: { readonly settings: object; readonly mappings: object };
  };
  for (const index of [OURS, DYNAMIC]) await deleteIndex(url, index);
  await queryOpenSearch(url, `/${OURS}`, { ...template, settings: { ...template.settings, ...FRESH_SIZES } }, "PUT");
  await queryOpenSearch(url, `/${DYNAMIC}`, { settings: FRESH_SIZES }, "PUT");
  for (const logs of batches) {
    const lines = logs.flatMap(({ id, source }) => [
      `{"create":{"_index":"${OURS}","_id":"${id}"}}\n${source}\n`,
      `{"create":{"_index":"${DYNAMIC}","_id":"${id}"}}\n${toPlain(source)}\n`,
    ]);
    const { errors } = await queryOpenSearch<{ errors?: boolean }>(url, "/_bulk?filter_path=errors", lines.join(""));
    if (errors !== false) throw new Error("OpenSearch rejected some logs");
  }
  const ours = await measureIndex(url, OURS);
  const dynamic = await measureIndex(url, DYNAMIC);
  for (const index of [OURS, DYNAMIC]) await deleteIndex(url, index);
  return { ours, dynamic };
};

export const storedBytes: Row = {
  name: "stored-bytes",
  summary: "bytes in the store for one event, compared with default dynamic mapping",
  run: async ({ stack: openStack, events, log }) => {
    const { opensearch } = (await openStack()).file;
    const toMs = Date.now();
    const logs = makeLogs({ events: Math.min(events, MAX_EVENTS), fromMs: toMs - DAY_MS, toMs });
    const { ours, dynamic } = await measureStoredBytes(opensearch, logs);
    log(`stored-bytes: ${Math.round(ours)} and ${Math.round(dynamic)} bytes an event`);
    return {
      figures: [
        toFigure([ours], { name: "edgelog", unit: "bytes an event" }),
        toFigure([dynamic], { name: "default dynamic mapping", unit: "bytes an event" }),
        toFigure([ours / dynamic], { name: "edgelog, of dynamic mapping", unit: "ratio", mark: MARK }),
      ],
    };
  },
};
