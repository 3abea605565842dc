/**
 * At least 200 queries about 560 events, through the complete stack. The expected results come from `evaluate-query.ts`, which
 * shares no code with the product.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFieldCaseStack, type FieldCaseStack } from "./support/field-case-stack.ts";
import { evaluateQuery } from "./support/evaluate-query.ts";
import { createEvents } from "./support/query-data.ts";
import { createQueries } from "./support/query-list.ts";

/** Whole minutes, so that the titles of the tests do not change with each run more than necessary. */
const END_MS = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;
const EVENTS = createEvents(END_MS);
const QUERIES = createQueries(END_MS);

let stack: FieldCaseStack;
beforeAll(async () => {
  stack = await startFieldCaseStack();
  for (const resource of new Set(EVENTS.map((event) => event.resource))) {
    const events = EVENTS.filter((event) => event.resource === resource).map(
      ({ id, time, severity, body, attributes, traceId }) => ({ id, time, severity, body, attributes, traceId }),
    );
    const { stored } = await stack.post({ v: 1, resource, events });
    if (stored !== events.length) throw new Error(`${stored} of ${events.length} events were stored`);
  }
});
afterAll(() => stack?.[Symbol.asyncDispose]());

it("covers at least 200 queries and 500 events, most with some but not all events", () => {
  expect(QUERIES.length).toBeGreaterThanOrEqual(200);
  expect(EVENTS.length).toBeGreaterThanOrEqual(500);
  const sizes = QUERIES.map((query) => evaluateQuery(query, EVENTS).size);
  expect(sizes.filter((size) => size > 0 && size < EVENTS.length).length).toBeGreaterThan(QUERIES.length * 0.85);
});

describe("the events that a query finds", () => {
  it.each(QUERIES)("%s", async (query) => {
    const expected = evaluateQuery(query, EVENTS);
    const found = await stack.search(query);
    const ids = new Set(found.map(({ id }) => id));
    const bodyOf = (id: string): string => JSON.stringify(EVENTS.find((event) => event.id === id));
    expect({
      missing: [...expected]
        .filter((id) => !ids.has(id))
        .slice(0, 3)
        .map(bodyOf),
      surplus: [...ids]
        .filter((id) => !expected.has(id))
        .slice(0, 3)
        .map(bodyOf),
    }).toEqual({ missing: [], surplus: [] });
    expect(found).toHaveLength(expected.size);
  });
});
