import { describe, expect, it } from "vitest";
import { createDeliveryModel } from "./delivery-model.ts";
import { explore } from "./explore.ts";

describe("the protocol between outbox, broker, relay and store", () => {
  it("loses nothing, doubles nothing and can always finish, in every interleaving", () => {
    const { states, counterexample } = explore(createDeliveryModel());
    expect(counterexample).toBeUndefined();
    expect(states).toBeGreaterThan(300);
  });

  it("holds for a client without receipts as long as nobody kills the broker", () => {
    expect(explore(createDeliveryModel({ trustPuback: true, brokerLives: true })).counterexample).toBeUndefined();
  });

  it("does not hold for a client without receipts when the broker is killed", () => {
    expect(explore(createDeliveryModel({ trustPuback: true })).counterexample).toEqual([
      "the client sends",
      "the broker is killed",
      "lost",
    ]);
  });

  it.each([
    ["the relay acknowledged early", { acknowledgeEarly: true, trustPuback: true, brokerLives: true }, "lost"],
    ["each delivery had an index of its own", { randomIndex: true }, "two documents"],
    ["the outbox never sent again", { sendOnce: true }, "from here it can never be stored and accounted for"],
  ])("would break if %s, and the model shows how", (_, variant, wrong) => {
    expect(explore(createDeliveryModel(variant)).counterexample?.at(-1)).toBe(wrong);
  });
});
