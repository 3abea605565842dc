/**
 * Plans the documents for a delivery. Pure: the same delivery always gives the same documents with the same ids, so a
 * resend is deduplicated by `_id`.
 */
import { Buffer } from "node:buffer";
import {
  MAX_BATCH_EVENTS,
  MAX_EXTENDED_RESOURCE_BYTES,
  MAX_PAYLOAD_DOCUMENT_BYTES,
  type RetentionDays,
} from "#contract/wire/limits.ts";
import type { Change } from "#contract/wire/change.ts";
import type { Attributes, LogEvent } from "#contract/wire/log-event.ts";
import { tooManyEvents } from "#contract/wire/too-many-events.ts";
import type { Violation } from "#contract/wire/violation.ts";
import { SEVERITY_NUMBERS } from "#contract/wire/severity.ts";
import { UNLIMITED, type Admission } from "./admission.ts";
import { decodeDelivery } from "./decode.ts";
import {
  resolveTimestamp,
  timeOfBatch,
  timeOfEvent,
  timeOfUuid,
  toIsoTime,
  toTimestamp,
} from "#contract/store/event-time.ts";
import { chooseIndex } from "./choose-index.ts";
import { deriveId, firstSequenceOf, PayloadIds } from "./event-identity.ts";
import { toGroupingKey } from "./grouping-key.ts";
import { DEFAULT_PERIODS, type IndexPeriods } from "#contract/store/index-period.ts";
import { liftAttributes, liftResource } from "#contract/store/lift-fields.ts";
import { USER_FIELDS } from "#contract/store/erasure.ts";
import { toDocumentId } from "#contract/store/log-document.ts";
import { readValueTerm } from "#contract/store/value-terms.ts";
import type { AppRetention, DecodedPayload, Delivery } from "./delivery.ts";
import { planEventRejections, planPayloadRejection, readEventId, type EventRejection } from "./plan-rejection.ts";
import type { DeliveryPlan, NotAdmittedEvent, PlannedEvent } from "./delivery-plan.ts";
import { namesErasedUser, refuseInvalidEvent } from "./refuse-erased.ts";
import { fail, ok, type Result } from "./result.ts";
import { toTooLarge } from "./too-large.ts";
import { validateEvent } from "./validate-event.ts";
import { collectValueTerms, type ValueTerms } from "./collect-value-terms.ts";

interface LiftedException {
  readonly type?: string;
  readonly message?: string;
  readonly stacktrace?: string;
}

/** Adds the grouping key to events with severity `error` or higher, and to events with an exception. */
const addGroupingKey = (document: Record<string, unknown>, { severity, body }: LogEvent): void => {
  const exception = document["exception"] as LiftedException | undefined;
  if (exception === undefined && SEVERITY_NUMBERS[severity] < SEVERITY_NUMBERS.error) return;
  document["error"] = { grouping_key: toGroupingKey({ body, ...exception }) };
};

/** A resource as documents contain it. All events of a batch share one. */
interface PlannedResource {
  readonly tree?: Record<string, unknown> | undefined;
  /** The member `resource` as JSON, after a comma. Empty without a resource. */
  readonly json: string;
  readonly bytes: number;
  readonly terms: ValueTerms;
}

/** Whether two resources have the same keys and values. `false` for nested values, which are not compared. */
const isSameResource = (left: Attributes, right: Attributes): boolean => {
  let keys = 0;
  for (const key in left) {
    const value = left[key];
    if (typeof value === "object" || value !== right[key]) return false;
    keys += 1;
  }
  for (const _ in right) keys -= 1;
  return keys === 0;
};

/** The last resource, because an app sends the same one in many messages. The result does not depend on it. */
let recent: { readonly sent: Attributes; readonly planned: PlannedResource } | undefined;

/** The same as {@link planResource}. */
const planRecentResource = (sent: Attributes | undefined, userAgent: string | undefined): PlannedResource => {
  if (sent === undefined || userAgent !== undefined) return planResource(sent, userAgent);
  if (recent === undefined || !isSameResource(sent, recent.sent))
    recent = { sent, planned: planResource(sent, userAgent) };
  return recent.planned;
};

/** @param userAgent The request's `User-Agent`, used if the resource has no `user_agent.original`. */
const planResource = (sent: Attributes | undefined, userAgent: string | undefined): PlannedResource => {
  const requestResource = userAgent === undefined ? {} : { "user_agent.original": userAgent };
  const resource = liftResource(
    sent === undefined && userAgent === undefined ? undefined : { ...requestResource, ...sent },
  );
  return { tree: resource, ...toResourceJson(resource), terms: collectValueTerms(resource?.["attributes"]) };
};

const toResourceJson = (resource: unknown): Pick<PlannedResource, "json" | "bytes"> => {
  const json = resource === undefined ? "" : `,"resource":${JSON.stringify(resource)}`;
  return { json, bytes: Buffer.byteLength(json) };
};

/** Takes the resource out of a document that has its own one, because it is serialized separately. */
const takeResource = (document: Record<string, unknown>, shared: PlannedResource): PlannedResource => {
  if (document["resource"] === undefined) return shared;
  const own = { ...shared, ...toResourceJson(document["resource"]) };
  document["resource"] = undefined;
  return own;
};

/** {@link planResource} for events of which several in a row share a resource. */
const createResourcePlanner = (userAgent: string | undefined): ((sent: Attributes) => PlannedResource) => {
  let last: { readonly sent: Attributes; readonly planned: PlannedResource } | undefined;
  return (sent) => {
    if (last?.sent !== sent) last = { sent, planned: planResource(sent, userAgent) };
    return last.planned;
  };
};

/** A lower bound for the size of the part that all documents of the payload repeat. */
const measureShared = (decoded: DecodedPayload, { json, terms }: PlannedResource): number => {
  const attributesLength = decoded.attributes === undefined ? 0 : JSON.stringify(decoded.attributes).length;
  return json.length + attributesLength + terms.terms.reduce((sum, { length }) => sum + length, 0);
};

const isUserField = (name: string): boolean => (USER_FIELDS as readonly string[]).includes(name);

/** The values of `USER_FIELDS`, in their typed fields and among the attributes of the event and its resource. */
const toUsers = ({ user }: Readonly<Record<string, unknown>>, terms: readonly string[]): readonly string[] => {
  const { id, email } = (user ?? {}) as { readonly id?: unknown; readonly email?: unknown };
  const untyped = terms.flatMap((each) => {
    const value = readValueTerm(each);
    return value !== undefined && isUserField(value.name) ? [String(value.value)] : [];
  });
  return [...[id, email].filter((value) => typeof value === "string"), ...untyped];
};

const ID_REPLACED: readonly Change[] = ["id_replaced"];
const NUMBER_AS_TEXT: readonly Change[] = ["number_as_text"];

/** The changes to one event, each once. Most events have no changes. */
class Changes {
  list: readonly Change[] | undefined;

  add(changes: readonly Change[] | undefined): void {
    if (changes === undefined || changes.length === 0) return;
    this.list = [...new Set([...(this.list ?? []), ...changes])];
  }
}

type DecodedPlan = Pick<DeliveryPlan, "events" | "notAdmitted" | "documentBytes">;

/**
 * Plans the documents for the events of a decoded payload. Fails if they exceed {@link MAX_PAYLOAD_DOCUMENT_BYTES}, and
 * then never holds more than these: documents beyond the limit are measured and discarded.
 */
const planDecoded = (
  delivery: Delivery,
  app: string,
  decoded: DecodedPayload,
  retentionDays: RetentionDays,
  admission: Admission,
  periods: IndexPeriods,
): Result<DecodedPlan> => {
  const observedMs = timeOfUuid(delivery.stamp) ?? 0;
  const observedTimestamp = toIsoTime(observedMs);
  const sharedResource = planRecentResource(decoded.resource, delivery.userAgent);
  const planOwnResource = createResourcePlanner(delivery.userAgent);
  const { client, transport, stamp } = delivery;
  const { batchId, changes: sharedChanges } = decoded;
  const firstSequence = firstSequenceOf(stamp);
  const ids = new PayloadIds();
  const eventCount = decoded.events.length;
  if (eventCount > 1) {
    const sharedBytes = eventCount * measureShared(decoded, sharedResource);
    if (sharedBytes > MAX_PAYLOAD_DOCUMENT_BYTES) return fail(toTooLarge(sharedBytes));
  }

  const events: PlannedEvent[] = [];
  const notAdmitted: NotAdmittedEvent[] = [];
  const rejections: EventRejection[] = [];
  let documentBytes = 0;
  for (const [position, raw] of decoded.events.entries()) {
    const validated = raw.ok ? validateEvent(raw.value) : raw;
    if (!validated.ok) {
      const eventId = raw.ok ? readEventId(raw.value) : undefined;
      const erased = refuseInvalidEvent(delivery, decoded, raw, admission, observedMs);
      if (erased !== undefined) {
        notAdmitted.push({ kind: "rejected", position, eventId, violation: erased });
        continue;
      }
      rejections.push({ position, eventId, violation: validated.violation, raw });
      continue;
    }

    const { event, nanos, claimedId, changes: ownChanges } = validated.value;
    const {
      dialect = decoded.dialect,
      resource: ownResource,
      shortened,
      value: sent,
      changes: rawChanges,
    } = raw.ok ? raw : {};
    const planned = ownResource === undefined ? sharedResource : planOwnResource(ownResource);
    const id = event.id === undefined ? deriveId(delivery, decoded, position) : ids.claim(event.id, sent);
    const isIdReplaced = event.id !== undefined && event.id !== id;
    const ownMs = timeOfEvent(event);
    const eventMs = ownMs ?? timeOfBatch(event.id, batchId);
    const { timestampMs, claimedMs } = resolveTimestamp(eventMs, observedMs, retentionDays);
    const hasLastingId = event.id !== undefined || batchId !== undefined || decoded.contentId !== undefined;
    const choice = chooseIndex({ eventMs, observedMs, timestampMs, claimedMs, hasLastingId }, retentionDays, periods);
    const changes = new Changes();
    changes.add(sharedChanges);
    changes.add(rawChanges);
    changes.add(ownChanges);
    if (isIdReplaced) changes.add(ID_REPLACED);
    const info: Record<string, unknown> = {
      app,
      client,
      transport,
      dialect,
      claimedTime: claimedMs === undefined ? undefined : toTimestamp(claimedMs, nanos),
      claimedId: isIdReplaced ? event.id : claimedId,
      lagMs: ownMs === undefined || claimedMs !== undefined ? undefined : observedMs - timestampMs,
      nanos: nanos === 0 || claimedMs !== undefined ? undefined : nanos,
      sequence: firstSequence + position,
    };
    const document: Record<string, unknown> = {
      "@timestamp": toTimestamp(timestampMs, claimedMs === undefined ? nanos : 0),
      observedTimestamp,
      severity: { text: event.severity, number: SEVERITY_NUMBERS[event.severity] },
      body: event.body,
      log: { record: { uid: id } },
      traceId: event.traceId ?? decoded.trace?.traceId,
      spanId: event.spanId ?? (event.traceId === undefined ? decoded.trace?.spanId : undefined),
    };
    const isExtensible = planned.bytes <= MAX_EXTENDED_RESOURCE_BYTES;
    liftAttributes(document, decoded.attributes, event.attributes, planned.tree, isExtensible);
    const resource = takeResource(document, planned);
    addGroupingKey(document, event);
    const { terms, omitted, hasExactNumbers } = collectValueTerms(document["attributes"], resource.terms);
    if (hasExactNumbers) changes.add(NUMBER_AS_TEXT);
    if (changes.list !== undefined) info["changes"] = changes.list;
    if (terms.length > 0) info["values"] = terms;
    if (omitted > 0) info["omittedValues"] = omitted;
    if (shortened !== undefined) info["shortened"] = shortened;
    // `edgelog` is the last field, so that the size can be appended to it without serializing the document again.
    document["edgelog"] = info;
    const json = JSON.stringify(document);
    const measuredBytes = Buffer.byteLength(json) + resource.bytes;
    const violation =
      admission === UNLIMITED
        ? undefined
        : admission.admit({
            severity: event.severity,
            bytes: measuredBytes,
            timestampMs,
            users: admission.refuseErased === undefined ? [] : toUsers(document, terms),
            loggedMs: eventMs ?? observedMs,
          });
    if (violation !== undefined) {
      notAdmitted.push({ kind: "rejected", position, eventId: event.id, violation, severity: event.severity });
      continue;
    }
    const bytesJson = `,"bytes":${measuredBytes}`;
    const source = `${json.slice(0, -2)}${bytesJson}}${resource.json}}`;
    const bytes = measuredBytes + bytesJson.length;
    documentBytes += bytes;
    if (documentBytes > MAX_PAYLOAD_DOCUMENT_BYTES) events.length = 0;
    else {
      events.push({
        kind: "log",
        position,
        eventId: event.id,
        newDocument: { ...choice, id: toDocumentId(app, id), source, bytes },
        ...(changes.list === undefined ? {} : { changes: changes.list }),
      });
    }
  }
  if (documentBytes > MAX_PAYLOAD_DOCUMENT_BYTES) return fail(toTooLarge(documentBytes));
  if (rejections.length === 0) return ok({ events, notAdmitted, documentBytes });

  const rejected = planEventRejections(delivery, decoded, rejections);
  const rejectedDocuments = new Set(rejected.map(({ newDocument }) => newDocument));
  for (const { bytes } of rejectedDocuments) documentBytes += bytes;
  const inOrder = [...events, ...rejected].toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0));
  return ok({ events: inOrder, notAdmitted, documentBytes });
};

/** Plans the rejection of a whole payload, which is stored once, or not at all if it names an erased user. */
export const planWholeRejection = (
  delivery: Delivery,
  violation: Violation,
  admission: Admission = UNLIMITED,
): DeliveryPlan => {
  const event = planPayloadRejection(delivery, violation, namesErasedUser(delivery, admission));
  return { delivery, events: [event], documentBytes: event.newDocument.bytes };
};

/**
 * Plans a delivery. `retention` is that of its app, or `undefined` if the app does not exist. Never throws for invalid
 * input: an unreadable payload gives one rejected event, an invalid event gives a rejected event at its position.
 *
 * @param admission The quotas of the app. Default: every event is admitted.
 * @param periods Which events are in indices of a week or a month.
 */
export const planDelivery = (
  delivery: Delivery,
  retention: AppRetention | undefined,
  admission: Admission = UNLIMITED,
  periods: IndexPeriods = DEFAULT_PERIODS,
): DeliveryPlan => {
  const rejectWhole = (violation: Violation): DeliveryPlan => planWholeRejection(delivery, violation, admission);
  if (delivery.app === undefined) {
    return rejectWhole({
      reason: "unknown_topic",
      message: "The topic contains no valid app id. Publish to `logs/{user}/{client}`.",
      field: "topic",
    });
  }
  if (retention === undefined) {
    return rejectWhole({ reason: "unknown_app", message: `The app ${delivery.app} does not exist.`, field: "app" });
  }
  if (retention === "disabled") {
    return rejectWhole({ reason: "app_disabled", message: `The app ${delivery.app} is disabled.`, field: "app" });
  }
  if (delivery.violation !== undefined) return rejectWhole(delivery.violation);
  if (delivery.setAside === true) {
    return rejectWhole({
      reason: "internal",
      message: "Processing this payload failed repeatedly, so it was not decoded. It can be replayed after a fix.",
    });
  }
  const decoded = decodeDelivery(delivery);
  if (!decoded.ok) return rejectWhole(decoded.violation);
  if (decoded.value.events.length > MAX_BATCH_EVENTS) {
    return rejectWhole(tooManyEvents(decoded.value.events.length));
  }
  const planned = planDecoded(delivery, delivery.app, decoded.value, retention, admission, periods);
  if (!planned.ok) return rejectWhole(planned.violation);
  return { delivery, batchId: decoded.value.batchId, ...planned.value };
};
