/** Values that throw when they are read. */
import { DROPPED, type Row } from "./row.ts";

const REVOKED = "const { proxy, revoke } = Proxy.revocable({}, {}); revoke();";
export const UNREADABLE: readonly Row[] = [
  { name: "an object without a prototype", args: "Object.create(null)", body: "{}", attributes: {} },
  {
    name: "a revoked Proxy as the body",
    prepare: REVOKED,
    args: "proxy, { n: 1 }",
    body: "[unreadable]",
    attributes: { n: 1, [DROPPED]: 2 }, // the body, and the body as attributes
  },
  {
    name: "a revoked Proxy as the attributes",
    prepare: REVOKED,
    args: '"text", proxy',
    body: "text",
    attributes: { [DROPPED]: 1 },
  },
  {
    name: "a revoked Proxy as an attribute, and in a list",
    prepare: REVOKED,
    args: '"text", { n: 1, proxy, list: [1, proxy, 3], nested: { proxy, m: 2 } }',
    attributes: { n: 1, list: [1, null, 3], nested: { m: 2 }, [DROPPED]: 3 },
  },
  {
    name: "a getter that throws, in a nested object",
    args: '"text", { orderId: "o-17", x: { get bad() { throw 1; }, good: 2 } }',
    attributes: { orderId: "o-17", x: { good: 2 }, [DROPPED]: 1 },
  },
  {
    name: "getters that throw, among the attributes",
    args: '"text", { get a() { throw 1; }, b: { n: 1 }, get c() { throw 1; }, d: "D" }',
    attributes: { b: { n: 1 }, d: "D", [DROPPED]: 2 },
  },
  {
    name: "a toJSON that throws",
    args: '"text", { a: { toJSON() { throw 1; } }, b: { toJSON: () => ({ seen: true }) } }',
    attributes: { b: { seen: true }, [DROPPED]: 1 },
  },
  {
    name: "a toJSON that is not a function, as in JSON of others",
    prepare: 'const parsed = JSON.parse(\'{"toJSON":1,"card":"x"}\');',
    args: "parsed, { parsed, list: [parsed] }",
    body: '{"toJSON":1,"card":"x"}',
    attributes: {
      toJSON: 1,
      card: "x",
      parsed: { toJSON: 1, card: "x" },
      list: [{ toJSON: 1, card: "x" }],
    },
  },
  {
    name: "the key __proto__, as in JSON of others: it is omitted and counted",
    prepare: `const parsed = JSON.parse('{"__proto__":{"hidden":"y"},"kept":1}');`,
    args: '"text", { ...parsed, parsed }',
    attributes: { kept: 1, parsed: { kept: 1 }, [DROPPED]: 2 },
  },
  {
    name: "a Proxy whose keys cannot be listed",
    args: '"text", { a: new Proxy({}, { ownKeys() { throw 1; } }), b: 1 }',
    attributes: { b: 1, [DROPPED]: 1 },
  },
  {
    name: "only a key that is too long",
    args: '"text", { ["k".repeat(200)]: 1 }',
    attributes: { [DROPPED]: 1 },
  },
  {
    name: "unreadable attributes of a child",
    prepare: "log = log.child({ a: 1, get bad() { throw 1; } });",
    args: '"text", { x: { get bad() { throw 1; } } }',
    attributes: { a: 1, x: {}, [DROPPED]: 2 },
  },
  { name: "a symbol as the body", args: 'Symbol("s")', body: "Symbol(s)", attributes: {} },
  { name: "nothing", args: "", body: "undefined", attributes: {} },
];
