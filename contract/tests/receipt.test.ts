import { describe, expect, it } from "vitest";
import { receivedReceiptSchema, receiptSchema } from "#contract/wire/receipt.ts";

const receipt = {
  v: 1,
  batch: "019ab0c0-0000-7000-8000-000000000000",
  stored: 2,
  duplicates: 1,
  rejected: [{ index: 3, reason: "too_long", field: "body", limit: 131_072, message: "body is too long." }],
};

/** Written by a later version of the Worker: an unknown reason and unknown fields. */
const laterReceipt = {
  ...receipt,
  rejected: [{ index: 3, reason: "too_loud", message: "The event is too loud.", volume: 11 }],
  delayed: 0,
};

describe("receiptSchema", () => {
  it("accepts a receipt", () => expect(receiptSchema.parse(receipt)).toEqual(receipt));

  it.each([
    ["an unknown reason", laterReceipt],
    ["a negative count", { ...receipt, stored: -1 }],
    ["another version", { ...receipt, v: 2 }],
    ["no list of rejected events", { ...receipt, rejected: undefined }],
  ])("rejects %s", (_, value) => expect(receiptSchema.safeParse(value).success).toBe(false));
});

describe("receivedReceiptSchema", () => {
  it("returns unknown reasons and fields unchanged", () => {
    expect(receivedReceiptSchema.parse(receipt)).toEqual(receipt);
    expect(receivedReceiptSchema.parse(laterReceipt)).toEqual(laterReceipt);
  });

  it("rejects a receipt without counts", () => {
    expect(receivedReceiptSchema.safeParse({ v: 1, rejected: [] }).success).toBe(false);
  });
});
