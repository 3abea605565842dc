import { describe, expect, it } from "vitest";
import {
  APP_ID_PATTERN,
  appOfTailFilter,
  isOwnResponseTopic,
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
    "logs//c",
    "receipts/shop/c",
    "logs/Shop/c",
    "mqtt/x",
    "",
  ])("returns undefined for %j", (topic) => expect(parsePublisher(topic)).toBeUndefined());

  it.each([
    ["logs/shop", "", { reason: "unknown_topic", field: "topic" }],
    ["logs/shop/", "", { reason: "unknown_topic", field: "topic" }],
    ["logs/shop.2/c/x", "c/x", { reason: "unknown_topic", field: "topic" }],
    [
      `logs/shop/${"c".repeat(129)}`,
      "c".repeat(129),
      {
        reason: "too_long",
        field: "client",
        limit: 128,
        message: "The client id has 129 UTF-16 code units; the maximum is 128.",
      },
    ],
  ])("returns the app and the violation of %j", (topic, client, violation) =>
    expect(parsePublisher(topic)).toMatchObject({ kind: "invalid_client", app: "shop", client, violation }),
  );
});

describe(isOwnResponseTopic, () => {
  it.each([
    ["logs/shop/c1", "receipts/shop/c1"],
    ["logs/shop/c1", "receipts/shop/c1/tab-2"],
    ["logs/shop/c1/x", "receipts/shop/c1/x"],
    [`logs/shop/${"c".repeat(129)}`, `receipts/shop/${"c".repeat(129)}`],
  ])("allows %s to get receipts on %s", (topic, responseTopic) =>
    expect(isOwnResponseTopic(topic, responseTopic)).toBe(true),
  );
  it.each([
    "receipts/shop/c2",
    "receipts/shop/c10",
    "receipts/other/c1",
    "receipts/shop/c1/#",
    "receipts/shop/c1/+",
    `receipts/shop/c1/${"x".repeat(1_024)}`,
    "logs/shop/c1",
    "$SYS/broker",
    "",
  ])("refuses %j", (topic) => expect(isOwnResponseTopic("logs/shop/c1", topic)).toBe(false));
  it("refuses all response topics for messages on the legacy topic, and for topics without a client id", () => {
    expect(isOwnResponseTopic("mqtt", "receipts/shop/c1")).toBe(false);
    expect(isOwnResponseTopic("logs/shop/", "receipts/shop/")).toBe(false);
  });
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
