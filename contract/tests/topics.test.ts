import { describe, expect, it } from "vitest";
import { APP_ID_PATTERN, logsTopic, parsePublisher, RELAY_USERNAME } from "../topics.ts";

describe(parsePublisher, () => {
  it("reads app and client off a topic", () => {
    expect(parsePublisher(logsTopic("shop", "c-1"))).toEqual({ kind: "client", app: "shop", client: "c-1" });
    expect(parsePublisher("mqtt")).toEqual({ kind: "legacy" });
  });

  it.each([
    "logs",
    "logs/shop",
    "logs/shop/c/x",
    "logs//c",
    "logs/shop/",
    "receipts/shop/c",
    "logs/Shop/c",
    "mqtt/x",
    "",
  ])("knows no publisher for %j", (topic) => expect(parsePublisher(topic)).toBeUndefined());
});

describe("app ids", () => {
  it.each(["a", "shop", "shop-2", "a".repeat(64)])("may be %s", (id) => expect(APP_ID_PATTERN.test(id)).toBe(true));
  it.each(["", "-a", "a-", "A", "a/b", "a+", "#", "a".repeat(65), RELAY_USERNAME])("may not be %j", (id) =>
    expect(APP_ID_PATTERN.test(id)).toBe(false),
  );
});
