import { describe, expect, it } from "vitest";
import { createDeliveryModel } from "./delivery-model.ts";
import { explore } from "./explore.ts";

describe("the delivery protocol between outbox, broker, relay and OpenSearch", () => {
  it("loses and duplicates no event, and can always complete, in every interleaving", () => {
    const { states, counterexample } = explore(createDeliveryModel());
    expect(counterexample).toBeUndefined();
    expect(states).toBeGreaterThan(300);
  });

  it("is safe for a client without receipts if the broker is never killed", () => {
    expect(explore(createDeliveryModel({ trustPuback: true, neverKillBroker: true })).counterexample).toBeUndefined();
  });

  it("can lose an event of a client without receipts if the broker is killed", () => {
    expect(explore(createDeliveryModel({ trustPuback: true })).counterexample).toEqual([
      "the client sends",
      "the broker is killed",
      "lost",
    ]);
  });

  it.each([
    [
      "the relay acknowledged a message before it is stored",
      { acknowledgeEarly: true, trustPuback: true, neverKillBroker: true },
      "lost",
    ],
    ["each delivery used another index", { randomIndex: true }, "two documents"],
    ["the outbox never resent", { sendOnce: true }, "can no longer be stored and receive a receipt"],
  ])("is unsafe if %s", (_, variant, wrong) => {
    expect(explore(createDeliveryModel(variant)).counterexample?.at(-1)).toBe(wrong);
  });
});
