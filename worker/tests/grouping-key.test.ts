import { describe, expect, it } from "vitest";
import { toGroupingKey, normaliseMessage } from "../src/ingest/grouping-key.ts";

const stack = (frames: readonly string[]): string => ["TypeError: x is undefined", ...frames].join("\n");

const CHROME = stack([
  "    at cartTotal (https://shop.example/assets/main-8f3a2b1c.js:120:17)",
  "    at https://shop.example/assets/main-8f3a2b1c.js:160:9",
]);

describe("the same error", () => {
  it.each([
    [
      "another build, line and host",
      CHROME,
      stack([
        "    at cartTotal (https://cdn.example:8443/assets/main-00ff11aa.js?v=7:99:2)",
        "    at https://cdn.example:8443/assets/main-00ff11aa.js:3:1",
      ]),
    ],
    [
      "Firefox and Safari",
      "cartTotal@https://shop.example/assets/main-8f3a2b1c.js:120:17\n",
      "cartTotal@https://other.example/assets/main-12345678.js:1:2\n",
    ],
    [
      "Dart",
      "#0      pay (package:shop/pay.dart:12:5)\n#1      main (package:shop/main.dart:3:1)",
      "#0      pay (package:shop/pay.dart:13:9)\n#1      main (package:shop/main.dart:3:1)",
    ],
    ["Java", "\tat com.acme.Pay.run(Pay.java:12)", "\tat com.acme.Pay.run(Pay.java:40)"],
    ["Python", '  File "/app/pay.py", line 3, in run', '  File "/app/pay.py", line 9, in run'],
  ])("has the same key: %s", (_, first, second) => {
    const key = (stacktrace: string): string => toGroupingKey({ body: "b", type: "TypeError", stacktrace });
    expect(key(second)).toBe(key(first));
  });

  it("has the same key if only ids, numbers, URLs or addresses in its message differ", () => {
    const key = (body: string): string => toGroupingKey({ body });
    expect(key("order 17 of ann@acme.com failed at https://a.example/x?y=1")).toBe(
      key("order 4,018 of bob@mail.example failed at https://b.example/"),
    );
    expect(key("no session 019ab0c0-1111-7000-8000-000000000001, token deadbeef01")).toBe(
      key("no session 019ab0c0-2222-7000-8000-000000000002, token 0123456789ab"),
    );
  });
});

describe("different errors", () => {
  it("have different keys if their types, frames or, without frames, messages differ", () => {
    const keys = [
      { body: "b", type: "TypeError", stacktrace: CHROME },
      { body: "b", type: "RangeError", stacktrace: CHROME },
      { body: "b", type: "TypeError", stacktrace: CHROME.replace("cartTotal", "payOrder") },
      { body: "b", type: "TypeError", message: "declined" },
      { body: "b", type: "TypeError", message: "timed out" },
      { body: "disk full" },
    ].map(toGroupingKey);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("hostile messages", () => {
  it.each([
    ["digits", "1".repeat(131_072)],
    ["almost an e-mail address", `${"a.".repeat(60_000)}@`],
    ["almost a URL", "http:/".repeat(20_000)],
    ["almost a stack trace", "\nat ".repeat(30_000)],
    ["almost a build hash", `at ${"-a1b2c3".repeat(15_000)}`],
  ])("are processed quickly: %s", (_, body) => {
    const started = performance.now();
    toGroupingKey({ body, stacktrace: body });
    normaliseMessage(body);
    // Generous bound: a pattern with catastrophic backtracking takes minutes for these.
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe("texts with a lone surrogate", () => {
  it.each([
    ["in the input", "broken \ud83d here"],
    ["created by the cut at the maximum length", `${"a".repeat(4_095)}😀`],
  ])("have a key: %s", (_, body) => {
    expect(toGroupingKey({ body })).toMatch(/^[\da-f]{8}-[\da-f]{4}-5/);
  });
});
