/**
 * The one way a log takes into the store: plan, create, keep what was refused, account for every event.
 * Guarantee: an event is reported stored, duplicate or rejected only when the store said so.
 */
import { MAX_RELAY_EVENTS, MAX_RELAY_SOURCE_LENGTH } from "#contract/wire/limits.ts";
import type { Receipt } from "#contract/wire/receipt.ts";
import { logTrouble } from "../logger.ts";
import type { AppRetention, Delivery } from "./payload.ts";
import { planDelivery } from "./plan-delivery.ts";
import { planRejection, toReplayable } from "./plan-rejection.ts";
import type { Creation, PlannedDelivery, PlannedEvent } from "./planned.ts";
import { toReceipt, type Fate } from "./to-receipt.ts";

/** What the store said of one creation. `refused` is final: the same document would be refused again. */
export type CreationOutcome =
  | { readonly state: "created" | "duplicate" | "unknown" }
  | { readonly state: "refused"; readonly detail: string };

export interface IngestPorts {
  /** Retention class of an app; `undefined` when there is no such app. */
  readonly findRetention: (app: string) => Promise<AppRetention | undefined>;
  /** Creates documents, answering for each in order. Never throws for trouble of the store: that is `unknown`. */
  readonly createAll: (creations: readonly Creation[]) => Promise<readonly CreationOutcome[]>;
}

const toFate = (event: PlannedEvent, outcome: CreationOutcome | undefined): Fate => {
  if (outcome === undefined || outcome.state === "unknown" || outcome.state === "refused") return { state: "unknown" };
  if (event.violation !== undefined) return { state: "rejected", violation: event.violation };
  return { state: outcome.state === "created" ? "stored" : "duplicate" };
};

const toKept = ({ delivery, decoded }: PlannedDelivery, { position = 0 }: PlannedEvent): unknown => {
  const raw = decoded?.events[position];
  return decoded === undefined || raw === undefined ? delivery.payload : toReplayable(delivery, decoded, raw);
};

/** A log that the store refused for good goes to the rejected store instead, with the store's reason. */
const planRefusal = (planned: PlannedDelivery, event: PlannedEvent, detail: string): PlannedEvent =>
  planRejection(
    planned.delivery,
    { reason: "refused_by_store", message: `OpenSearch refused the event: ${detail.slice(0, 500)}` },
    toKept(planned, event),
    {
      ...(event.position === undefined ? {} : { position: event.position }),
      eventId: event.eventId,
      batchId: planned.decoded?.batchId,
    },
  );

const findRetentions = async (
  deliveries: readonly Delivery[],
  { findRetention }: IngestPorts,
): Promise<ReadonlyMap<string, AppRetention | undefined>> => {
  const apps = [...new Set(deliveries.flatMap(({ app }) => (app === undefined ? [] : [app])))];
  return new Map(await Promise.all(apps.map(async (app) => [app, await findRetention(app)] as const)));
};

/** A payload that makes the planner fail, which is a mistake here, is kept; it must not hold up those that came with it. */
const plan = (delivery: Delivery, retention: AppRetention | undefined): PlannedDelivery => {
  try {
    return planDelivery(delivery, retention);
  } catch (error) {
    logTrouble("a payload could not be planned", { error: error instanceof Error ? error.name : "unknown" });
    const message = "The Worker failed on this payload. It is kept, to be handed in again once that is mended.";
    return { delivery, events: [planRejection(delivery, { reason: "internal", message }, delivery.payload)] };
  }
};

/** Plans deliveries in order until they hold as many events as one request may. The first is planned in any case. */
const planWithinBudget = (
  deliveries: readonly Delivery[],
  retentions: ReadonlyMap<string, AppRetention | undefined>,
): readonly PlannedDelivery[] => {
  const planned: PlannedDelivery[] = [];
  let events = 0;
  let sourceLength = 0;
  for (const delivery of deliveries) {
    const next = plan(delivery, delivery.app === undefined ? undefined : retentions.get(delivery.app));
    events += next.events.length;
    sourceLength += next.events.reduce((sum, { creation }) => sum + creation.source.length, 0);
    if (planned.length > 0 && (events > MAX_RELAY_EVENTS || sourceLength > MAX_RELAY_SOURCE_LENGTH)) break;
    planned.push(next);
  }
  return planned;
};

/** One receipt for each delivery, in order; there are fewer receipts where the last deliveries have to come again. */
export const ingest = async (deliveries: readonly Delivery[], ports: IngestPorts): Promise<readonly Receipt[]> => {
  const planned = planWithinBudget(deliveries, await findRetentions(deliveries, ports));
  const flat = planned.flatMap((plan) => plan.events.map((event) => ({ plan, event })));
  const outcomes = await ports.createAll(flat.map(({ event }) => event.creation));
  const fates = flat.map(({ event }, i) => toFate(event, outcomes[i]));

  const refusals = flat.flatMap(({ plan, event }, i) => {
    const outcome = outcomes[i];
    if (outcome?.state !== "refused" || event.kind === "rejected") return [];
    return [{ i, event: planRefusal(plan, event, outcome.detail) }];
  });
  if (refusals.length > 0) {
    const kept = await ports.createAll(refusals.map(({ event }) => event.creation));
    for (const [k, { i, event }] of refusals.entries()) fates[i] = toFate(event, kept[k]);
  }

  let start = 0;
  return planned.map((plan) => {
    const own = fates.slice(start, start + plan.events.length);
    start += plan.events.length;
    return toReceipt(plan, own);
  });
};
