/**
 * Stores deliveries: plans the documents, creates them, stores refused events in the rejected store, and returns receipts.
 * Guarantee: an event is reported stored, duplicate or rejected only after OpenSearch confirmed its document.
 */
import type { IndexPeriods } from "#contract/store/index-period.ts";
import { MAX_RELAY_DOCUMENT_BYTES, MAX_RELAY_EVENTS } from "#contract/wire/limits.ts";
import { truncate } from "#contract/wire/shorten.ts";
import type { Receipt } from "#contract/wire/receipt.ts";
import { logWarning } from "../logger.ts";
import type { Bulk } from "../opensearch/bulk-create.ts";
import type { CreateOutcome } from "../opensearch/parse-bulk-response.ts";
import { BulkFiller, NO_DOCUMENT, type AddedEvent, type FindExisting } from "./bulk-filler.ts";
import { ChangeCounts } from "./change-counts.ts";
import { admitRejected } from "./admit-rejected.ts";
import { UNLIMITED, type Admission, type OpenAdmission } from "./admission.ts";
import { createNotAdmittedSummary, type NotAdmittedSummary } from "./not-admitted.ts";
import { decodeDelivery } from "./decode.ts";
import type { AppRetention, Delivery } from "./delivery.ts";
import type { DeliveryPlan, NotAdmittedEvent, PlannedEvent } from "./delivery-plan.ts";
import { planDelivery, planWholeRejection } from "./plan-delivery.ts";
import { planEventRejections, type EventRejection } from "./plan-rejection.ts";
import { toReceipt, type EventOutcome } from "./to-receipt.ts";

export interface IngestPorts {
  /** Returns an app's retention, or `undefined` if the app does not exist. */
  readonly findRetention: (app: string) => Promise<AppRetention | undefined>;
  /** Returns how to admit the events of an app with quotas, or `undefined` if it has no quota. */
  readonly findAdmission?: (app: string) => Promise<OpenAdmission | undefined>;
  /** Opens an empty bulk. */
  readonly openBulk: () => Bulk;
  /** Returns for each document whether it exists; `undefined` if that is unknown. Default: no document is looked up. */
  readonly findExisting?: FindExisting;
  /** Which events are in indices of a week or a month. Default: `DEFAULT_PERIODS`. */
  readonly indexPeriods?: IndexPeriods;
  /** Called when all documents are planned, with their total size. */
  readonly onPlanned?: (documentBytes: number) => void;
  /** Called with the outcome of each event of a delivery by its position; `undefined` is the whole payload. */
  readonly onOutcomes?: (delivery: Delivery, outcomes: ReadonlyMap<number | undefined, EventOutcome>) => void;
}

/** A delivery whose documents have been added to a bulk. Does not refer to the documents, so they can be released. */
interface AddedDelivery {
  readonly delivery: Delivery;
  readonly batchId: string | undefined;
  readonly events: readonly AddedEvent[];
  /** The events with documents that belong to this delivery only. */
  readonly admitted: readonly AddedEvent[];
  readonly admission: Admission;
}

const UNFINISHED: EventOutcome = { state: "unfinished" };
const STORED: EventOutcome = { state: "stored" };
const DUPLICATE: EventOutcome = { state: "duplicate" };

const toEventOutcome = (event: AddedEvent, created: CreateOutcome | undefined): EventOutcome => {
  if (event.slot === NO_DOCUMENT && event.violation !== undefined) {
    return { state: "rejected", violation: event.violation };
  }
  if (created === undefined || created.state === "unknown" || created.state === "refused") return UNFINISHED;
  if (event.violation !== undefined) return { state: "rejected", violation: event.violation };
  return created.state === "created" ? STORED : DUPLICATE;
};

/** The settings of an app. */
interface AppSettings {
  readonly retention: AppRetention | undefined;
  readonly openAdmission: OpenAdmission | undefined;
}

const findSettings = async (
  deliveries: readonly Delivery[],
  { findRetention, findAdmission }: IngestPorts,
): Promise<ReadonlyMap<string, AppSettings>> => {
  const apps = [...new Set(deliveries.flatMap(({ app }) => (app === undefined ? [] : [app])))];
  const find = async (app: string): Promise<AppSettings> => {
    const [retention, openAdmission] = await Promise.all([findRetention(app), findAdmission?.(app)]);
    return { retention, openAdmission };
  };
  return new Map(await Promise.all(apps.map(async (app) => [app, await find(app)] as const)));
};

/** Adds the document of an event, unless the event is rejected again and the rejected store has it. */
const addEvent = (filler: BulkFiller, { isReplay = false }: Delivery, event: PlannedEvent): AddedEvent => {
  if (!isReplay || event.kind === "log") return filler.add(event);
  const { newDocument: _newDocument, ...rejected } = event;
  return { ...rejected, slot: NO_DOCUMENT };
};

const toSender = ({ app = "", client = "" }: Delivery): { app: string; client: string } => ({ app, client });

/** If planning throws because of a bug, rejects this payload only, so that the rest of the request is still stored. */
const planOrReject = (
  delivery: Delivery,
  retention: AppRetention | undefined,
  admission: Admission,
  periods: IndexPeriods | undefined,
): DeliveryPlan => {
  try {
    return admitRejected(planDelivery(delivery, retention, admission, periods), admission);
  } catch (error) {
    const name = error instanceof Error ? error.name : "unknown";
    logWarning("planning a payload failed", { ...toSender(delivery), error: name });
    const message =
      "Internal error while processing this payload. It is in the rejected store and can be replayed after a fix.";
    return admitRejected(planWholeRejection(delivery, { reason: "internal", message }, admission), admission);
  }
};

const ALL_ADMITTED: readonly NotAdmittedEvent[] = [];
const NO_EVENTS: readonly AddedEvent[] = [];

/** The events of one request that are not admitted. Their documents, one for each app and reason, are added when all deliveries are planned. */
class NotAdmittedEvents {
  readonly #groups = new Map<
    string,
    {
      readonly app: string;
      readonly reason: string;
      readonly summary: NotAdmittedSummary;
      readonly events: AddedEvent[];
    }
  >();

  /** Returns the events with a slot that {@link addDocuments} sets. */
  add(delivery: Delivery, notAdmitted: readonly NotAdmittedEvent[]): readonly AddedEvent[] {
    if (notAdmitted.length === 0) return NO_EVENTS;
    if (delivery.isReplay === true) return notAdmitted.map((event) => ({ ...event, slot: NO_DOCUMENT }));
    const { app = "" } = delivery;
    return notAdmitted.map((event) => {
      const reason = event.violation?.reason ?? "over_quota";
      const key = `${app}/${reason}`;
      const group = this.#groups.get(key) ?? { app, reason, summary: createNotAdmittedSummary(delivery), events: [] };
      this.#groups.set(key, group);
      const added: AddedEvent = { ...event, slot: NO_DOCUMENT };
      group.summary.add(event);
      group.events.push(added);
      return added;
    });
  }

  addDocuments(filler: BulkFiller): void {
    for (const { app, reason, summary, events } of this.#groups.values()) {
      logWarning("events rejected without their payload", { app, reason, events: events.length });
      const slot = filler.addShared(summary.toDocument());
      for (const event of events) event.slot = slot;
    }
  }
}

const inPayloadOrder = (events: readonly AddedEvent[], notAdmitted: readonly AddedEvent[]): readonly AddedEvent[] =>
  notAdmitted.length === 0
    ? events
    : [...events, ...notAdmitted].toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0));

/**
 * Plans deliveries in order and adds their documents to the bulk, up to the limits of one request. The first delivery is
 * added even if it exceeds them. Synchronous, so that only one payload at a time is decoded in an isolate.
 */
const addWithinLimits = (
  deliveries: readonly Delivery[],
  settings: ReadonlyMap<string, AppSettings>,
  filler: BulkFiller,
  periods: IndexPeriods | undefined,
): { readonly added: readonly AddedDelivery[]; readonly documentBytes: number } => {
  const added: AddedDelivery[] = [];
  const notAdmitted = new NotAdmittedEvents();
  const changes = new ChangeCounts();
  let eventCount = 0;
  let documentBytes = 0;
  for (const delivery of deliveries) {
    const app = delivery.app === undefined ? undefined : settings.get(delivery.app);
    const admission = app?.openAdmission?.() ?? UNLIMITED;
    const plan = planOrReject(delivery, app?.retention, admission, periods);
    eventCount += plan.events.length;
    const nextBytes = documentBytes + plan.documentBytes;
    if (added.length > 0 && (eventCount > MAX_RELAY_EVENTS || nextBytes > MAX_RELAY_DOCUMENT_BYTES)) {
      admission.release();
      break;
    }
    documentBytes = nextBytes;
    const [first] = plan.events;
    if (first?.violation?.reason === "too_large") {
      logWarning("payload rejected as too large", { ...toSender(delivery), detail: first.violation.message });
    }
    changes.add(plan);
    const events = plan.events.map((event) => addEvent(filler, delivery, event));
    const excess = notAdmitted.add(delivery, plan.notAdmitted ?? ALL_ADMITTED);
    const { batchId } = plan;
    added.push({ delivery, batchId, events: inPayloadOrder(events, excess), admitted: events, admission });
  }
  notAdmitted.addDocuments(filler);
  changes.log();
  return { added, documentBytes };
};

/** Plans the rejected-store documents of logs that OpenSearch refused. Decodes the payload again: this is rare. */
const planRefusedByStore = (
  { delivery, events }: AddedDelivery,
  created: readonly CreateOutcome[],
): readonly PlannedEvent[] => {
  const refused = events.flatMap((event) => {
    const outcome = created[event.slot];
    return outcome?.state === "refused" && event.kind === "log" ? [{ ...event, detail: outcome.detail }] : [];
  });
  if (refused.length === 0) return [];
  const decoded = decodeDelivery(delivery);
  if (!decoded.ok) return [];
  const rejections = refused.flatMap(({ position = 0, eventId, detail }): readonly EventRejection[] => {
    const raw = decoded.value.events[position];
    const message = `OpenSearch refused the event: ${truncate(detail, 500)}`;
    return raw === undefined ? [] : [{ position, eventId, raw, violation: { reason: "refused_by_store", message } }];
  });
  return planEventRejections(delivery, decoded.value, rejections);
};

/** Stores refused logs in the rejected store. Returns their outcomes by delivery and position. */
const rejectRefused = async (
  added: readonly AddedDelivery[],
  created: readonly CreateOutcome[],
  { openBulk }: IngestPorts,
): Promise<ReadonlyMap<AddedDelivery, ReadonlyMap<number, EventOutcome>>> => {
  if (!created.some(({ state }) => state === "refused")) return new Map();
  const filler = new BulkFiller(openBulk());
  const refused = added.flatMap((each) => {
    const events = planRefusedByStore(each, created).map((event) => addEvent(filler, each.delivery, event));
    if (events.length > 0) {
      logWarning("OpenSearch refused logs", { ...toSender(each.delivery), events: events.length });
    }
    return events.length > 0 ? [[each, events] as const] : [];
  });
  const results = refused.length > 0 ? await filler.send() : [];
  return new Map(
    refused.map(([each, events]) => [
      each,
      new Map(events.map((event) => [event.position ?? 0, toEventOutcome(event, results[event.slot])])),
    ]),
  );
};

/**
 * Like {@link ingest}, with as many bulk requests as the deliveries need. There are fewer receipts than deliveries only if one of
 * the receipts is unfinished: then no more documents are sent to OpenSearch.
 */
export const ingestAll = async (deliveries: readonly Delivery[], ports: IngestPorts): Promise<readonly Receipt[]> => {
  if (deliveries.length === 1) return await ingest(deliveries, ports);
  // The memory for documents stays reserved: the next bulk request may need all of it.
  const { onPlanned: _onPlanned, ...others } = ports;
  const receipts: Receipt[] = [];
  while (receipts.length < deliveries.length) {
    // One after the other: the documents of all requests together do not fit into the memory of this one.
    const next = await ingest(deliveries.slice(receipts.length), others); // oxlint-disable-line no-await-in-loop
    receipts.push(...next);
    if (next.length === 0 || next.some(({ unfinished }) => unfinished !== undefined)) break;
  }
  return receipts;
};

/**
 * Returns receipts in the order of `deliveries`. There can be fewer receipts than deliveries: past
 * {@link MAX_RELAY_EVENTS} or {@link MAX_RELAY_DOCUMENT_BYTES} the remaining deliveries are not processed and must be sent
 * again. Rejects only when `findRetention` or `findAdmission` rejects.
 */
export const ingest = async (deliveries: readonly Delivery[], ports: IngestPorts): Promise<readonly Receipt[]> => {
  const settings = await findSettings(deliveries, ports);
  const filler = new BulkFiller(ports.openBulk(), ports.findExisting);
  const { added, documentBytes } = addWithinLimits(deliveries, settings, filler, ports.indexPeriods);
  ports.onPlanned?.(documentBytes);
  const created = await filler.send();
  const refused = await rejectRefused(added, created, ports);
  return added.map((each) => {
    const refusedOutcomes = refused.size === 0 ? undefined : refused.get(each);
    const outcomes = each.events.map(
      (event) => refusedOutcomes?.get(event.position ?? 0) ?? toEventOutcome(event, created[event.slot]),
    );
    const receipt = toReceipt(each, outcomes);
    ports.onOutcomes?.(
      each.delivery,
      new Map(each.events.map(({ position }, i) => [position, outcomes[i] ?? UNFINISHED])),
    );
    // An unfinished delivery is sent again and counted then. One without a new document was counted before.
    const isNew = each.admitted.some(({ slot }) => created[slot]?.state === "created");
    if (receipt.unfinished !== undefined || !isNew) each.admission.release();
    return receipt;
  });
};
