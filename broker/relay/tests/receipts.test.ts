import { describe, expect, it } from "vitest";
import { isOwnResponseTopic } from "../src/receipts.ts";

describe(isOwnResponseTopic, () => {
  it.each(["receipts/shop/c1", "receipts/shop/c1/tab-2"])("allows %s", (topic) =>
    expect(isOwnResponseTopic("logs/shop/c1", topic)).toBe(true),
  );
  it.each([
    "receipts/shop/c2",
    "receipts/shop/c10",
    "receipts/other/c1",
    "receipts/shop/c1/#",
    "receipts/shop/c1/+",
    "logs/shop/c1",
    "$SYS/broker",
    "",
  ])("refuses %j", (topic) => expect(isOwnResponseTopic("logs/shop/c1", topic)).toBe(false));
  it("refuses all response topics for messages on the legacy topic", () =>
    expect(isOwnResponseTopic("mqtt", "receipts/shop/c1")).toBe(false));
});
