/**
 * The metrics of the Worker, from the state of the deployment. Pure. Labels have a bounded number of values: statuses, problems and
 * reasons from closed lists, the ids of at most 100 apps and 50 relays.
 */
import { HEALTH_PROBLEMS } from "#contract/api/health.ts";
import type { StatusResponse } from "#contract/api/status.ts";
import { SECOND_MS } from "#contract/wire/durations.ts";
import type { Metric, Sample } from "./exposition.ts";

const toSeconds = (time: string): number => Date.parse(time) / SECOND_MS;

const one = (value: number | undefined): readonly Sample[] => (value === undefined ? [] : [{ value }]);

const healthMetrics = ({ health }: StatusResponse): readonly Metric[] => [
  {
    name: "health",
    help: "1 for the current health: ok, degraded or down.",
    samples: ["ok", "degraded", "down"].map((status) => ({
      labels: { status },
      value: health.status === status ? 1 : 0,
    })),
  },
  {
    name: "health_problem",
    help: "1 while /healthz reports the problem.",
    samples: Object.keys(HEALTH_PROBLEMS).map((code) => ({
      labels: { code },
      value: health.problems.some((problem) => problem.code === code) ? 1 : 0,
    })),
  },
];

const todayMetrics = ({ today }: StatusResponse): readonly Metric[] => {
  const apps = today?.apps ?? [];
  return [
    {
      name: "counted_timestamp_seconds",
      help: "Time of the last run of the cron job that counts, which is due each minute.",
      samples: one(today === undefined ? undefined : toSeconds(today.countedAt)),
    },
    {
      name: "events_today",
      help: "Events that arrived today (UTC), by app and outcome. At most 100 apps.",
      samples: apps.flatMap(({ app, events, rejected, overQuota }) => [
        { labels: { app, outcome: "stored" }, value: events },
        { labels: { app, outcome: "rejected" }, value: rejected },
        { labels: { app, outcome: "over_quota" }, value: overQuota },
      ]),
    },
    {
      name: "bytes_today",
      help: "Size of the events that were stored or rejected today (UTC), by app.",
      samples: apps.map(({ app, bytes }) => ({ labels: { app }, value: bytes })),
    },
    {
      name: "quota_bytes",
      help: "Quota of bytes per day, by app. Apps without a quota are absent.",
      samples: apps.flatMap(({ app, bytesPerDay }) =>
        bytesPerDay === undefined ? [] : [{ labels: { app }, value: bytesPerDay }],
      ),
    },
    {
      name: "rejected_today",
      help: "Events that were rejected today (UTC), by reason.",
      samples: Object.entries(today?.rejectedByReason ?? {}).map(([reason, value]) => ({ labels: { reason }, value })),
    },
  ];
};

const storeMetrics = ({ store }: StatusResponse): readonly Metric[] => {
  const disks = store?.disks ?? [];
  return [
    { name: "store_indices", help: "Indices of logs and rejected events.", samples: one(store?.indices) },
    { name: "store_bytes", help: "Size of these indices on disk, with all copies.", samples: one(store?.bytes) },
    { name: "store_documents", help: "Logs and rejected events in the store.", samples: one(store?.documents) },
    { name: "store_bytes_per_day", help: "Growth per day in the last 7 days.", samples: one(store?.bytesPerDay) },
    {
      name: "store_disk_used_ratio",
      help: "Used share of the fullest disk of OpenSearch, from 0 to 1.",
      samples:
        disks.length === 0
          ? []
          : [{ value: Math.max(...disks.map(({ usedBytes, totalBytes }) => usedBytes / totalBytes)) }],
    },
    {
      name: "store_disk_days_left",
      help: "Days until a disk is 90 % full (high watermark), if logs are deleted only when they expire.",
      samples: one(store?.diskDaysLeft),
    },
  ];
};

const otherMetrics = ({ relays = [], retention }: StatusResponse): readonly Metric[] => [
  {
    name: "relay_reported_timestamp_seconds",
    help: "Time of the last report of a relay, which is due each minute.",
    samples: relays.map(({ id, reportedAt }) => ({ labels: { relay: id }, value: toSeconds(reportedAt) })),
  },
  {
    name: "retention_deleted_timestamp_seconds",
    help: "Time of the last run of retention that deleted something.",
    samples: one(retention?.last === undefined ? undefined : toSeconds(retention.last.at)),
  },
  {
    name: "retention_deleted_early_indices",
    help: "Indices that the last run deleted before their retention ended, because of a limit of size.",
    samples: one(retention?.last?.deletions.filter(({ reason }) => reason !== "expired").length),
  },
  { name: "retention_holds", help: "Apps whose logs are not deleted.", samples: one(retention?.holds.length) },
];

/** Metrics whose part of the state is absent have no samples, and are left out of the response. */
export const toMetrics = (status: StatusResponse): readonly Metric[] => [
  ...healthMetrics(status),
  ...todayMetrics(status),
  ...storeMetrics(status),
  ...otherMetrics(status),
];
