/** Whether the throughput and the latency of searches stay the same while the store grows. */
import { DAY_MS, WEEK_MS } from "#contract/wire/durations.ts";
import { quantile } from "../quantile.ts";
import { fillStore } from "../read-data.ts";
import type { Row } from "../row.ts";
import { measureDrain } from "../support/drain.ts";
import { toFigure, type Figure } from "../support/figure.ts";
import { countLogs, deleteLogs } from "../support/logs.ts";
import { measurePosts } from "../support/post-load.ts";

const QUERIES = ["", "level:error", "checkout failed", "status:>=500", "duration:>2000", "path:/api/checkout/*"];
const SEARCH_ROUNDS = 5;

export const growth: Row = {
  name: "growth",
  summary: "drain, POST /logs and searches while the store grows: --store-sizes",
  run: async ({ stack: openStack, events, storeSizes, log }) => {
    const stack = await openStack();
    const { opensearch, worker, app, readerToken } = stack.file;
    const search = async (q: string): Promise<number> => {
      const started = performance.now();
      const path = `/search?limit=100&from=now-7d&q=${encodeURIComponent(q)}`;
      const response = await fetch(new URL(path, worker), { headers: { Authorization: `Bearer ${readerToken}` } });
      if (!response.ok) throw new Error(`/search responded with ${response.status}`);
      await response.arrayBuffer();
      return performance.now() - started;
    };
    await deleteLogs(stack);
    const figures: Figure[] = [];
    for (const size of storeSizes) {
      const missing = size - (await countLogs(stack));
      const toMs = Date.now() - DAY_MS;
      await fillStore({
        url: opensearch,
        events: missing,
        fromMs: toMs - WEEK_MS + DAY_MS,
        toMs,
        apps: [app.id],
        seed: size,
      });
      log(`growth: ${size} logs are stored`);
      for (const q of QUERIES) await search(q);
      const times: number[] = [];
      for (let round = 0; round < SEARCH_ROUNDS; round += 1) for (const q of QUERIES) times.push(await search(q));
      const drained = await measureDrain(stack, events, 1);
      const posted = await measurePosts({ worker, app, events: 50, connections: 10, seconds: 5 });
      const name = `${size.toLocaleString("en-US")} logs`;
      figures.push(
        toFigure([drained.eventsPerSecond], { name: `${name}: drain, 1 event a message`, unit: "events/s" }),
        toFigure([posted.requestsPerSecond * 50], { name: `${name}: POST /logs with 50 events`, unit: "events/s" }),
        toFigure([quantile(times, 0.5)], { name: `${name}: search, p50`, unit: "ms" }),
        toFigure([quantile(times, 0.95)], { name: `${name}: search, p95`, unit: "ms" }),
      );
    }
    await deleteLogs(stack);
    return { figures };
  },
};
