import { describe, expect, it } from "vitest";
import { toGroupingKey, normaliseMessage } from "../src/ingest/grouping-key.ts";
import { measureCpuMs } from "../../tests/support/measure-cpu.ts";

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
    [
      "a hash of Vite without a digit",
      "    at pay (https://a.example/assets/cart-BBhnYwcV.js:1:2)",
      "    at pay (https://a.example/assets/cart-DkQzLmNo.js:9:8)",
    ],
    [
      "a hash of Vite with hyphens",
      "    at pay (https://a.example/assets/cart-B-hn_wcV.js:1:2)",
      "    at pay (https://a.example/assets/cart-Dk3zLm-o.js:9:8)",
    ],
    [
      "webpack chunks",
      "    at pay (https://a.example/static/js/main.abcdefab.chunk.js:1:2)",
      "    at pay (https://a.example/static/js/main.3f2a9c1b.chunk.js:9:8)",
    ],
    [
      "the build id of Next.js",
      "    at pay (https://a.example/_next/static/Vh2QxPbKcTzLmNoPqRsTu/pages/cart.js:1:2)",
      "    at pay (https://a.example/_next/static/wJtYuIoPaSdFgHjKlZxCv/pages/cart.js:1:2)",
    ],
    [
      "chunks of Next.js",
      "    at pay (https://a.example/_next/static/chunks/pages/cart-5f0c1d2e3a4b5c6d.js:1:2)",
      "    at pay (https://a.example/_next/static/chunks/pages/cart-0a1b2c3d4e5f6a7b.js:7:2)",
    ],
    [
      "a version in the path",
      "    at pay (https://a.example/v1.4.1/app.js:1:2)",
      "    at pay (https://a.example/v1.5.0-rc.1/app.js:3:4)",
    ],
    [
      "a package of a CDN",
      "    at pay (https://cdn.example/npm/shop@1.4.1/dist/shop-1.4.1.min.js:1:2)",
      "    at pay (https://cdn.example/npm/shop@2.0.0/dist/shop-2.0.0.min.js:3:4)",
    ],
    [
      "a release directory",
      '  File "/srv/releases/20261101120000/pay.py", line 3, in run',
      '  File "/srv/releases/20261128093000/pay.py", line 9, in run',
    ],
    [
      "the directory of an installed app",
      "    at pay (/var/containers/Bundle/Application/0F1E2D3C-1111-2222-3333-444455556666/Shop.app/main.jsbundle:1:2)",
      "    at pay (/var/containers/Bundle/Application/AAAABBBB-1111-2222-3333-444455556666/Shop.app/main.jsbundle:3:4)",
    ],
    [
      "generated classes of Java",
      "\tat com.acme.Pay$$Lambda$14/0x000000080100.run(Unknown Source)\n\tat com.acme.Pay.lambda$start$0(Pay.java:1)",
      "\tat com.acme.Pay$$Lambda$31/0x000000090200.run(Unknown Source)\n\tat com.acme.Pay.lambda$start$3(Pay.java:9)",
    ],
    [
      "addresses of Dart's compiler",
      "    #00 abs 000000723d6346d7 virt 00000000001ed6d7 _kDartIsolateSnapshotInstructions+0x1e26d7",
      "    #00 abs 00000079aa1146d7 virt 00000000001ed9ff _kDartIsolateSnapshotInstructions+0x1e29ff",
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
      { body: "b", type: "TypeError", stacktrace: CHROME.replaceAll("main-8f3a2b1c", "user-settings") },
      { body: "b", type: "TypeError", stacktrace: CHROME.replaceAll("main-8f3a2b1c", "user-Settings") },
      { body: "b", type: "TypeError", stacktrace: CHROME.replaceAll("main-8f3a2b1c", "user-profile") },
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
    ["almost a directory of a build", `at ${"/v1.2".repeat(1_000)}${"/_next/static/".repeat(200)}`],
    ["almost a directory of an installed app", `at /${"a.".repeat(2_000)}-${"a=-".repeat(600)}`],
    ["almost a build hash", `at ${"-a1b2c3".repeat(15_000)}`],
  ])("are processed quickly: %s", (_, body) => {
    const takenMs = measureCpuMs(() => {
      toGroupingKey({ body, stacktrace: body });
      normaliseMessage(body);
    });
    // Generous bound: a pattern with catastrophic backtracking takes minutes for these.
    expect(takenMs).toBeLessThan(2_000);
  });
});

describe("a long frame", () => {
  it("is compared by its first 512 characters", () => {
    const toFrame = (end: string): string => stack([`    at ${"call".repeat(200)}${end}`]);
    expect(toGroupingKey({ body: "", stacktrace: toFrame("A") })).toBe(
      toGroupingKey({ body: "", stacktrace: toFrame("B") }),
    );
  });
});

it("the key does not depend on the error before", () => {
  const errors = [{ body: "first" }, { body: "second" }, { body: "x", stacktrace: CHROME }, { body: "first" }];
  const keys = errors.map(toGroupingKey);
  expect(keys[3]).toBe(keys[0]);
  expect(new Set(keys).size).toBe(3);
});

describe("texts with a lone surrogate", () => {
  it.each([
    ["in the input", "broken \ud83d here"],
    ["created by the cut at the maximum length", `${"a".repeat(4_095)}😀`],
  ])("have a key: %s", (_, body) => {
    expect(toGroupingKey({ body })).toMatch(/^[\da-f]{8}-[\da-f]{4}-5/);
  });
});
