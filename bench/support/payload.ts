/** The events that all rows send: a request log of a web app, 430 bytes as a message with one event. */
import { v7 as uuidv7 } from "uuid";
import { planDelivery } from "../../worker/src/ingest/plan-delivery.ts";
import type { NewDocument } from "../../worker/src/opensearch/bulk-create.ts";
import { DEMO_APP } from "../../stack/lib/secrets.ts";

/** Every tenth event of a batch is an error. */
const ERROR_INTERVAL = 10;

/** Of the demo app. */
const RETENTION_DAYS = 30;

/** `offset`: the number of the first event. */
export const makeBatch = (events: number, offset = 0): object => ({
  v: 1,
  id: uuidv7(),
  resource: { "service.name": "bench", "service.version": "1.0.0", "deployment.environment.name": "bench" },
  attributes: { "session.id": "0a52c1c4", "user.id": "u-1042" },
  events: Array.from({ length: events }, (_, i) => {
    const n = offset + i;
    return {
      id: uuidv7(),
      severity: n % ERROR_INTERVAL === 0 ? "error" : "info",
      body: `GET /api/products/${n} answered in ${n % 400} ms`,
      attributes: {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "url.path": `/api/products/${n}`,
        n,
      },
    };
  }),
});

export const makePayload = (events: number, offset = 0): string => JSON.stringify(makeBatch(events, offset));

/** The documents that the Worker creates for a payload. */
export const toDocuments = (payload: string): readonly NewDocument[] => {
  const bytes = new TextEncoder().encode(payload);
  const delivery = { stamp: uuidv7(), transport: "mqtt", app: DEMO_APP, client: "bench", payload: bytes } as const;
  return planDelivery(delivery, RETENTION_DAYS).events.map(({ newDocument }) => newDocument);
};
