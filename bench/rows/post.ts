/** The throughput of `POST /logs`, relative to the same Worker with a store that responds at once. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startWorker } from "../../stack/services/worker.ts";
import { pluralize } from "#contract/wire/quantity.ts";
import type { Row } from "../row.ts";
import { toFigure, type Figure } from "../support/figure.ts";
import { startInstantStore } from "../support/instant-store.ts";
import { countLogs, deleteLogs } from "../support/logs.ts";
import { measurePosts, type PostResult } from "../support/post-load.ts";
import { WORKER_ENV } from "../support/worker-env.ts";

const EVENTS = [1, 50, 500];
const CONNECTIONS = [1, 50, 500];

const SECONDS = 4;
const WARM_UP = { events: 50, connections: 10, seconds: SECONDS };

/** Of the throughput without OpenSearch. */
const MARK = { atLeast: 0.9 };

const MAX_ROUNDS = 3;

export const post: Row = {
  name: "post",
  summary: "POST /logs with 1, 50 and 500 events at 1, 50 and 500 connections",
  run: async ({ stack: openStack, rounds, log }) => {
    const stack = await openStack();
    const { app, worker } = stack.file;
    await using store = await startInstantStore();
    const home = await mkdtemp(join(tmpdir(), "edgelog-bench-post-"));
    const other = await startWorker({ home, opensearchUrl: store.url, env: WORKER_ENV });
    const otherApp = { id: app.id, key: other.secrets.appKey };
    try {
      await measurePosts({ worker, app, ...WARM_UP });
      await measurePosts({ worker: other.url, app: otherApp, ...WARM_UP });
      const figures: Figure[] = [];
      for (const events of EVENTS) {
        for (const connections of CONNECTIONS) {
          const stored: PostResult[] = [];
          const withoutStore: PostResult[] = [];
          for (let round = 0; round < Math.min(rounds, MAX_ROUNDS); round += 1) {
            const load = { events, connections, seconds: SECONDS };
            withoutStore.push(await measurePosts({ worker: other.url, app: otherApp, ...load }));
            stored.push(await measurePosts({ worker, app, ...load }));
          }
          const name = `${pluralize(events, "event")}, ${pluralize(connections, "connection")}`;
          const ratios = stored.map(
            ({ requestsPerSecond }, i) => requestsPerSecond / (withoutStore[i]?.requestsPerSecond ?? Number.NaN),
          );
          const eventRates = stored.map(({ requestsPerSecond }) => requestsPerSecond * events);
          figures.push(
            toFigure(eventRates, { name, unit: "events/s" }),
            toFigure(ratios, { name: `${name}, of the Worker without OpenSearch`, unit: "ratio", mark: MARK }),
            toFigure(
              stored.map(({ p99Ms }) => p99Ms),
              { name: `${name}, p99`, unit: "ms" },
            ),
          );
          const failures = stored.reduce((sum, each) => sum + each.failures, 0);
          if (failures > 0) {
            figures.push(
              toFigure([failures], { name: `${name}, failed requests`, unit: "requests", mark: { atMost: 0 } }),
            );
          }
          log(`post: ${name}: ${Math.round(eventRates[0] ?? 0)} events/s, ${(ratios[0] ?? 0).toFixed(2)} of no store`);
        }
      }
      log(`post: ${await countLogs(stack)} logs are stored`);
      await deleteLogs(stack);
      return { figures };
    } finally {
      await other.stop();
      await rm(home, { recursive: true, force: true });
    }
  },
};
