import { describe, expect, it } from "vitest";
import {
  APP_ID_PATTERN,
  appOfTailFilter,
  logsTopic,
  mqttUserOfKey,
  parsePublisher,
  RELAY_USERNAME,
  tailFilter,
} from "#contract/wire/topics.ts";

describe(parsePublisher, () => {
  it("returns app and client of a topic", () => {
    expect(parsePublisher(logsTopic("shop", "c-1"))).toMatchObject({ kind: "client", app: "shop", client: "c-1" });
    expect(parsePublisher("mqtt")).toEqual({ kind: "legacy" });
  });

  it.each([
    ["elk_x", "shop"],
    ["elk2_x", "shop.2"],
    ["elk10_x", "shop.10"],
  ])("returns the app for the user name of the key %s", (key, user) => {
    expect(mqttUserOfKey("shop", key)).toBe(user);
    expect(parsePublisher(logsTopic(user, "c"))).toEqual({ kind: "client", app: "shop", user, client: "c" });
  });

  it.each([
    "logs/shop./c",
    "logs/shop.0/c",
    "logs/shop.2.3/c",
    "logs/.2/c",
    "logs",
    "logs/shop",
    "logs/shop/c/x",
    "logs//c",
    "logs/shop/",
    "receipts/shop/c",
    "logs/Shop/c",
    "mqtt/x",
    "",
  ])("returns undefined for %j", (topic) => expect(parsePublisher(topic)).toBeUndefined());
});

describe(appOfTailFilter, () => {
  it.each(["shop", "shop.2"])("returns the app of the clients of %s", (user) =>
    expect(appOfTailFilter(tailFilter(user))).toBe("shop"),
  );

  it.each([
    "#",
    "+/+/+",
    "logs/#",
    "logs/+/+",
    "logs/shop/#",
    "logs/shop/c",
    "logs/shop/+/+",
    "logs/shop+/+",
    "logs/shop/++",
    "$share/g/logs/shop/+",
    "receipts/shop/+",
    "$SYS/#",
    "mqtt",
    "",
  ])("returns undefined for %j", (filter) => expect(appOfTailFilter(filter)).toBeUndefined());
});

describe("APP_ID_PATTERN", () => {
  it.each(["a", "shop", "shop-2", "a".repeat(64)])("accepts %s", (id) => expect(APP_ID_PATTERN.test(id)).toBe(true));
  it.each(["", "-a", "a-", "A", "a/b", "a+", "#", "a".repeat(65), RELAY_USERNAME])("rejects %j", (id) =>
    expect(APP_ID_PATTERN.test(id)).toBe(false),
  );
});
