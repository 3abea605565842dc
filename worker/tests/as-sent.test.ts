import fc from "fast-check";
import { v7 as uuidv7 } from "uuid";
import { expect, it } from "vitest";
import { isAsSent, randomEvent, toJson } from "../../tests/field-cases/support/random-events.ts";
import { planDelivery } from "../src/ingest/plan-delivery.ts";

it("the document of any event has its texts after the repair, and its numbers by their value", () => {
  fc.assert(
    fc.property(randomEvent, (sent) => {
      const payload = new TextEncoder().encode(toJson(sent));
      const [event] = planDelivery({ stamp: uuidv7(), transport: "http", app: "shop", payload }, 30).events;
      const { body, attributes = {} } = JSON.parse(event?.newDocument.source ?? "{}");
      expect(body).toBe(sent.body.toWellFormed());
      expect([sent.attributes, isAsSent(sent.attributes, attributes)]).toEqual([sent.attributes, true]);
    }),
    { numRuns: 1_000 },
  );
});
