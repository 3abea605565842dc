/**
 * Counts the changes that ingest made to the events of one request, by app. The Worker has no metrics: it logs the counts.
 */
import type { Change } from "#contract/wire/change.ts";
import { logWarning } from "../logger.ts";
import type { DeliveryPlan } from "./delivery-plan.ts";

export class ChangeCounts {
  readonly #byApp = new Map<string, Map<Change, number>>();

  add({ delivery: { app = "" }, events }: DeliveryPlan): void {
    for (const { changes } of events) {
      if (changes === undefined) continue;
      const counts = this.#byApp.get(app) ?? new Map<Change, number>();
      this.#byApp.set(app, counts);
      for (const change of changes) counts.set(change, (counts.get(change) ?? 0) + 1);
    }
  }

  /** Logs one line for each app with changed events: the number of events with each change. */
  log(): void {
    for (const [app, counts] of this.#byApp) {
      logWarning("events were stored with changes", { app, ...Object.fromEntries(counts) });
    }
  }
}
