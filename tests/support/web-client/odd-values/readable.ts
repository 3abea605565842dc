/** Values that JSON cannot represent. */
import { expect } from "vitest";
import type { Row } from "./row.ts";

export const READABLE: readonly Row[] = [
  { name: "an object as the body", args: '{ code: "E1" }', body: '{"code":"E1"}', attributes: { code: "E1" } },
  {
    name: "secrets in an object as the body",
    args: '{ password: "hunter2", n: 1 }',
    body: '{"password":"[redacted]","n":1}',
    attributes: { password: "[redacted]", n: 1 },
  },
  { name: "an array as the body", args: "[1, [2]]", body: "[1,[2]]", attributes: { detail: [1, [2]] } },
  { name: "a text as attributes", args: '"text", "hi"', attributes: { detail: "hi" } },
  { name: "a number as attributes", args: '"text", 0', attributes: { detail: 0 } },
  { name: "null as attributes", args: '"text", null', attributes: {} },
  {
    name: "Headers, also as attributes",
    args: '"text", new Headers({ Accept: "a/b", Authorization: "Basic c2VjcmV0" })',
    attributes: { detail: { accept: "a/b", authorization: "[redacted]" } },
  },
  {
    name: "FormData with a file, a password and two values of one name",
    prepare: `const form = new FormData(); form.append("tag", "a"); form.append("tag", "b"); form.append("password", "hunter2");
      form.append("photo", new File(["12345"], "cat.png", { type: "image/png", lastModified: 5 }));`,
    args: '"text", { form }',
    attributes: {
      form: {
        tag: ["a", "b"],
        password: "[redacted]",
        photo: { type: "image/png", name: "cat.png", size: 5, lastModified: 5 },
      },
    },
  },
  {
    name: "URLSearchParams, URL and Location",
    args: '"text", { query: new URLSearchParams("q=shoes&token=s3cr3t"), url: new URL("https://x.test/a"), location }',
    attributes: {
      query: "q=shoes&token=[redacted]",
      url: "https://x.test/a",
      location: expect.stringMatching(/^http:\/\/app-/),
    },
  },
  {
    name: "RegExp, BigInt, symbols, functions, NaN",
    args: '"text", { pattern: /a+/g, big: 10n, symbol: Symbol("s"), fn() {}, nan: NaN, list: [undefined, () => 1] }',
    attributes: {
      pattern: "/a+/g",
      big: "10",
      symbol: "Symbol(s)",
      fn: "[Function]",
      nan: "NaN",
      list: [null, "[Function]"],
    },
  },
  {
    name: "dates, also invalid ones",
    args: '"text", { at: new Date(0), never: new Date(NaN) }',
    attributes: { at: "1970-01-01T00:00:00.000Z", never: "Invalid Date" },
  },
  {
    name: "Map and Set",
    args: '"text", { map: new Map([["a", 1], ["apiKey", "s"]]), byObject: new Map([[{ id: 1 }, 2]]), set: new Set([1, "b"]) }',
    attributes: { map: { a: 1, apiKey: "[redacted]" }, byObject: [[{ id: 1 }, 2]], set: [1, "b"] },
  },
  {
    name: "typed arrays, which take one attribute",
    args: '"text", { bytes: new Uint8Array([1, 2, 3]), big: new Float64Array(1_000_000), buffer: new ArrayBuffer(8), n: 1 }',
    attributes: {
      bytes: "1,2,3",
      big: expect.stringMatching(/^0,0,0.*…\[cut\]$/),
      buffer: { byteLength: 8 },
      n: 1,
    },
  },
  {
    name: "elements and lists of them, without private contents",
    prepare: `document.body.innerHTML = '<button id="pay" class="big" type="submit">Pay 5</button><input value="secret">';`,
    args: '"text", { button: document.querySelector("#pay"), all: document.querySelectorAll("button"), document }',
    attributes: {
      button: { type: "submit", nodeName: "BUTTON", id: "pay", className: "big" },
      all: [{ type: "submit", nodeName: "BUTTON", id: "pay", className: "big" }],
      document: expect.objectContaining({ nodeName: "#document" }),
    },
  },
  {
    name: "events, without the key that was pressed",
    prepare: `const button = document.createElement("button"); button.id = "pay"; let event;
      button.onkeydown = (e) => { event = e; };
      button.dispatchEvent(new KeyboardEvent("keydown", { key: "x" }));`,
    args: '"text", { event, custom: new CustomEvent("cart", { detail: { items: 2 } }) }',
    attributes: {
      event: { type: "keydown", detail: 0, target: { type: "submit", nodeName: "BUTTON", id: "pay" } },
      custom: { type: "cart", detail: { items: 2 } },
    },
  },
  {
    name: "Response, Request, Promise, WeakMap, window",
    args: `"text", { response: new Response("private", { status: 404 }), request: new Request("https://x.test/a", { method: "PUT" }),
      promise: Promise.resolve(1), weak: new WeakMap(), window }`,
    attributes: {
      response: { type: "default", status: 404 },
      request: { method: "PUT", url: "https://x.test/a" },
      promise: "[object Promise]",
      weak: "[object WeakMap]",
      window: "[object Window]",
    },
  },
  {
    name: "instances of classes, also with a tag",
    prepare: `class Money { amount = 5; unit = { code: "EUR" }; get [Symbol.toStringTag]() { return "Money"; } }
      class Cart { items = [1]; add() {} }`,
    args: '"text", { money: new Money(), cart: new Cart(), none: Object.create({ inherited: 1 }) }',
    attributes: { money: { amount: 5, unit: { code: "EUR" } }, cart: { items: [1] }, none: {} },
  },
  {
    name: "wrapped primitives",
    args: '"text", { text: new String("s"), number: new Number(5), yes: new Boolean(true) }',
    attributes: { text: "s", number: "5", yes: "true" },
  },
  {
    name: "a generator, which is not consumed",
    prepare: "function* count() { yield 1; } const generator = count();",
    args: '"text", { generator, next: 1 }',
    attributes: { generator: {}, next: 1 },
  },
  {
    name: "half of an emoji, which the server repairs",
    args: '"Checkout failed \\ud83d", { half: "\\ude00", ["key\\ud83d"]: 1 }',
    body: "Checkout failed \ud83d",
    attributes: { half: "\ude00", "key\ud83d": 1 },
  },
];
