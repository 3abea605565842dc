/**
 * Stores deliveries: plans the documents, creates them, stores refused events in the rejected store, and returns receipts.
 * Guarantee: an event is reported stored, duplicate or rejected only after OpenSearch confirmed its document.
 */
import { MAX_RELAY_EVENTS, MAX_RELAY_SOURCE_LENGTH } from "#contract/wire/limits.ts";
import type { Receipt } from "#contract/wire/receipt.ts";
import { logWarning } from "../logger.ts";
import type { NewDocument } from "../opensearch/bulk-create.ts";
import type { CreateOutcome } from "../opensearch/parse-bulk-response.ts";
import type { AppRetention, Delivery } from "./delivery.ts";
import type { DeliveryPlan, PlannedEvent } from "./delivery-plan.ts";
import { planDelivery } from "./plan-delivery.ts";
import { planRejection, toReplayablePayload } from "./plan-rejection.ts";
import { toReceipt, type EventOutcome } from "./to-receipt.ts";

export interface IngestPorts {
  /** Returns an app's retention, or `undefined` if the app does not exist. */
  readonly findRetention: (app: string) => Promise<AppRetention | undefined>;
  /** Creates documents. Returns one outcome per document, in order. Never rejects: a failed request is `unknown`. */
  readonly bulkCreate: (documents: readonly NewDocument[]) => Promise<readonly CreateOutcome[]>;
}

const toEventOutcome = (event: PlannedEvent, created: CreateOutcome | undefined): EventOutcome => {
  if (created === undefined || created.state === "unknown" || created.state === "refused") {
    return { state: "unfinished" };
  }
  if (event.violation !== undefined) return { state: "rejected", violation: event.violation };
  return { state: created.state === "created" ? "stored" : "duplicate" };
};

const toRejectedPayload = ({ delivery, decoded }: DeliveryPlan, { position = 0 }: PlannedEvent): unknown => {
  const raw = decoded?.events[position];
  return decoded === undefined || raw === undefined ? delivery.payload : toReplayablePayload(delivery, decoded, raw);
};

/** Plans the rejected-store document for a log that OpenSearch refused, with OpenSearch's error as the message. */
const planRefusedByStore = (plan: DeliveryPlan, event: PlannedEvent, detail: string): PlannedEvent =>
  planRejection(
    plan.delivery,
    { reason: "refused_by_store", message: `OpenSearch refused the event: ${detail.slice(0, 500)}` },
    toRejectedPayload(plan, event),
    {
      ...(event.position === undefined ? {} : { position: event.position }),
      eventId: event.eventId,
      batchId: plan.decoded?.batchId,
    },
  );

const findRetentions = async (
  deliveries: readonly Delivery[],
  { findRetention }: IngestPorts,
): Promise<ReadonlyMap<string, AppRetention | undefined>> => {
  const apps = [...new Set(deliveries.flatMap(({ app }) => (app === undefined ? [] : [app])))];
  return new Map(await Promise.all(apps.map(async (app) => [app, await findRetention(app)] as const)));
};

/** If planning throws because of a bug, rejects this payload only, so that the rest of the request is still stored. */
const planOrReject = (delivery: Delivery, retention: AppRetention | undefined): DeliveryPlan => {
  try {
    return planDelivery(delivery, retention);
  } catch (error) {
    logWarning("planning a payload failed", { error: error instanceof Error ? error.name : "unknown" });
    const message =
      "Internal error while processing this payload. It is in the rejected store and can be replayed after a fix.";
    return { delivery, events: [planRejection(delivery, { reason: "internal", message }, delivery.payload)] };
  }
};

/** Plans deliveries in order, up to the limits of one request. The first delivery is planned even if it exceeds them. */
const planWithinLimits = (
  deliveries: readonly Delivery[],
  retentions: ReadonlyMap<string, AppRetention | undefined>,
): readonly DeliveryPlan[] => {
  const plans: DeliveryPlan[] = [];
  let events = 0;
  let sourceLength = 0;
  for (const delivery of deliveries) {
    const next = planOrReject(delivery, delivery.app === undefined ? undefined : retentions.get(delivery.app));
    events += next.events.length;
    sourceLength += next.events.reduce((sum, { newDocument }) => sum + newDocument.source.length, 0);
    if (plans.length > 0 && (events > MAX_RELAY_EVENTS || sourceLength > MAX_RELAY_SOURCE_LENGTH)) break;
    plans.push(next);
  }
  return plans;
};

/**
 * Returns receipts in the order of `deliveries`. There can be fewer receipts than deliveries: past
 * {@link MAX_RELAY_EVENTS} or {@link MAX_RELAY_SOURCE_LENGTH} the remaining deliveries are not processed and must be sent
 * again. Rejects only when `findRetention` rejects.
 */
export const ingest = async (deliveries: readonly Delivery[], ports: IngestPorts): Promise<readonly Receipt[]> => {
  const plans = planWithinLimits(deliveries, await findRetentions(deliveries, ports));
  const planned = plans.flatMap((plan) => plan.events.map((event) => ({ plan, event })));
  const created = await ports.bulkCreate(planned.map(({ event }) => event.newDocument));
  const outcomes = planned.map(({ event }, i) => toEventOutcome(event, created[i]));

  const refused = planned.flatMap(({ plan, event }, i) => {
    const outcome = created[i];
    if (outcome?.state !== "refused" || event.kind === "rejected") return [];
    return [{ i, event: planRefusedByStore(plan, event, outcome.detail) }];
  });
  if (refused.length > 0) {
    const results = await ports.bulkCreate(refused.map(({ event }) => event.newDocument));
    for (const [k, { i, event }] of refused.entries()) outcomes[i] = toEventOutcome(event, results[k]);
  }

  let start = 0;
  return plans.map((plan) => {
    const ownOutcomes = outcomes.slice(start, start + plan.events.length);
    start += plan.events.length;
    return toReceipt(plan, ownOutcomes);
  });
};
