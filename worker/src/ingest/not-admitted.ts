/**
 * Collects the events of one app and request that are not admitted for the same reason. They share one document in the
 * rejected store, which has counts and no payload: otherwise an app over its quota would still fill the store, and logs of an
 * erased user would be stored again.
 */
import { timeOfUuid } from "#contract/store/event-time.ts";
import type { RejectedDocument } from "#contract/store/log-document.ts";
import type { RejectReason } from "#contract/wire/reject-reason.ts";
import type { Severity } from "#contract/wire/severity.ts";
import type { NewDocument } from "../opensearch/bulk-create.ts";
import type { Delivery } from "./delivery.ts";
import type { NotAdmittedEvent } from "./delivery-plan.ts";
import { toNewRejectedDocument } from "./to-rejected-document.ts";
import { uuidFromText } from "./uuid-from-text.ts";

export interface NotAdmittedSummary {
  add(event: NotAdmittedEvent): void;
  /** The document for all added events. */
  toDocument(): NewDocument;
}

/** @param first The first delivery with such an event. The document's id is computed from its stamp and the counts. */
export const createNotAdmittedSummary = ({
  stamp,
  app = "",
  client,
  transport,
  topic,
}: Delivery): NotAdmittedSummary => {
  const severities: Partial<Record<Severity, number>> = {};
  let count = 0;
  let invalid = 0;
  let message = "";
  let reason: RejectReason = "over_quota";
  return {
    add({ severity, violation }) {
      if (severity === undefined) invalid += 1;
      else severities[severity] = (severities[severity] ?? 0) + 1;
      count += 1;
      message = violation?.message ?? message;
      reason = violation?.reason ?? reason;
    },
    toDocument() {
      const observed = new Date(timeOfUuid(stamp) ?? 0).toISOString();
      const name = [app, reason, JSON.stringify(severities), ...(invalid === 0 ? [] : [invalid])].join("/");
      const uid = uuidFromText(name, stamp);
      const document: RejectedDocument = {
        "@timestamp": observed,
        uid,
        reason,
        message,
        event: { count, severities },
        edgelog: {
          transport,
          app,
          ...(client === undefined ? {} : { client }),
          ...(topic === undefined ? {} : { topic }),
        },
        payload: { bytes: 0 },
      };
      return toNewRejectedDocument(document);
    },
  };
};
