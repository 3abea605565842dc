import type { JSX } from "preact";
import type { OverviewResponse } from "#contract/api/statistics.ts";
import { filter } from "../address.ts";
import { errorsOnly } from "../lib/errors-only.ts";
import { formatCompactCount, formatCount, formatDuration, formatPercent } from "../lib/format-number.ts";
import { pluralize } from "#contract/wire/quantity.ts";
import { withAnyField } from "../lib/edit-query.ts";
import { Tile } from "./tile.tsx";

/** Counts from here on are shown in compact form. */
const COMPACT_FROM = 1_000_000;

const toShort = (count: number): string => (count < COMPACT_FROM ? formatCount(count) : formatCompactCount(count));

/** The key numbers of an overview; `undefined` while loading. */
export const OverviewTiles = ({ overview }: { readonly overview: OverviewResponse | undefined }): JSX.Element => {
  const { total = 0, errors = 0, users = 0, sessions = 0, lagMs, rejected } = overview ?? {};
  const show = (text: string): string | undefined => (overview === undefined ? undefined : text);
  const levels = overview?.facets.find(({ field }) => field === "level")?.values;
  const warnings = levels?.find(({ value }) => value === "warn")?.count ?? 0;
  const having = (field: string): string => withAnyField(filter.value.q, [field]);
  return (
    <dl class="tiles">
      <Tile label="Logs" value={show(toShort(total))} note={pluralize(warnings, "warning")} to={{ view: "logs" }} />
      <Tile
        label="Errors"
        value={show(toShort(errors))}
        note={`${formatPercent(errors, total)} of logs`}
        to={{ view: "logs", filter: errorsOnly() }}
        tone={errors > 0 ? "error" : undefined}
      />
      <Tile
        label="Users"
        value={show(toShort(users))}
        note="approximate, by user ID"
        to={{ view: "logs", filter: { q: having("user.id") } }}
      />
      <Tile
        label="Sessions"
        value={show(toShort(sessions))}
        note="approximate"
        to={{ view: "logs", filter: { q: having("session.id") } }}
      />
      <Tile
        label="Median lag"
        value={show(lagMs === undefined ? "–" : formatDuration(lagMs.p50))}
        note={lagMs === undefined ? "no client timestamps" : `p99 ${formatDuration(lagMs.p99)}`}
      />
      <Tile
        label="Rejected"
        value={show(toShort(rejected?.total ?? 0))}
        note="not stored as logs"
        to={{ view: "rejected" }}
        tone={(rejected?.total ?? 0) > 0 ? "warn" : undefined}
      />
    </dl>
  );
};
