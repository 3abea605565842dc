/** API responses for tests of the console with {@link startScriptedConsole}. */
import type { Incomplete } from "#contract/api/incomplete.ts";
import type { RejectedHit, SearchHit, SearchResponse } from "#contract/api/search.ts";
import type { Facet } from "#contract/api/statistics.ts";
import type { UsageResponse } from "#contract/api/usage.ts";
import type { AppUsage } from "#contract/store/usage.ts";
import { SEVERITIES, type Severity } from "#contract/wire/severity.ts";
import type { Script } from "./scripted-console.ts";

const TIME = "2026-11-29T08:00:00.000Z";

/** A stored log of the app `shop`. */
export const SHOP_LOG: SearchHit = {
  id: "01901d3e-7a00-7000-8000-000000000001",
  document: {
    "@timestamp": TIME,
    body: "payment declined",
    severity: { number: 17, text: "error" },
    edgelog: { app: "shop", transport: "http" },
    attributes: { "session.id": "s-1" },
  } as unknown as SearchHit["document"],
};

const toFacet = (field: string): Facet => ({
  field,
  kind: "keyword",
  values: [{ value: field === "app" ? "shop" : "a", count: 1, errors: 1 }],
  other: 0,
  missing: 0,
});

/** The read routes with one log. Each response has `incomplete` if it is given. */
export const createReadScript = (incomplete?: Incomplete): Script => {
  const mark = incomplete && { incomplete: { ...incomplete, indices: [...incomplete.indices] } };
  const search: SearchResponse = { total: 1, totalIsLowerBound: false, hits: [SHOP_LOG], ...mark };
  return {
    "/reader": () => ({ body: { apps: ["shop"], canAlert: false } }),
    "/search": () => ({ body: search }),
    "/histogram": () => ({
      body: {
        intervalMs: 60_000,
        times: [Date.parse(TIME)],
        counts: Object.fromEntries(SEVERITIES.map((severity) => [severity, [severity === "error" ? 1 : 0]])),
        total: 1,
        ...mark,
      },
    }),
    "/facets": (params) => ({
      body: { total: 1, facets: params.getAll("field").flatMap((names) => names.split(",").map(toFacet)), ...mark },
    }),
    "/groups": () => ({ body: { groups: [], total: 0, ...mark } }),
    "/overview": () => ({
      body: {
        total: 1,
        errors: 1,
        users: 1,
        sessions: 1,
        facets: ["level", "app", "version", "env"].map(toFacet),
        places: [],
        rejected: { total: 0, byReason: [] },
        newestErrors: [SHOP_LOG],
        ...mark,
      },
    }),
    "/rejected": () => ({ body: { total: 0, totalIsLowerBound: false, byReason: [], hits: [], ...mark } }),
  };
};

/** Today in UTC, as in `GET /usage`. */
export const TODAY = new Date().toISOString().slice(0, 10);

/** `GET /usage` with one day; the size and the number of events of an app, its events over quota and its quota. */
export const createUsage = (apps: readonly Partial<AppUsage>[], day = TODAY): UsageResponse => ({
  days: [
    {
      day,
      countedAt: `${day}T00:00:30.000Z`,
      apps: apps.map((usage) => ({
        app: "shop",
        bytes: 0,
        rejectedBytes: 0,
        events: 0,
        rejected: 0,
        overQuota: 0,
        ...usage,
      })),
    },
  ],
});

/** A document of `GET /rejected` for events over quota. */
export const createOverQuotaHit = (
  id: string,
  severities: Readonly<Partial<Record<Severity, number>>>,
): RejectedHit => ({
  id,
  document: {
    "@timestamp": TIME,
    uid: id,
    reason: "over_quota",
    message: "The app has used 100 % of its quota of 5000000000 bytes per day.",
    event: { count: Object.values(severities).reduce((sum, count) => sum + count, 0), severities },
    edgelog: { app: "shop", transport: "http" },
    payload: { bytes: 0 },
  },
});
