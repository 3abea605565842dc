/**
 * Sends payloads of flutter_logs with hostile values as existing apps send them, and finds each value in the log that
 * `GET /search` returns.
 */
import { readFile } from "node:fs/promises";
import mqtt from "mqtt";
import { v7 as uuidv7 } from "uuid";
import type { LogDocument } from "#contract/store/log-document.ts";
import type { FieldCaseStack } from "./field-case-stack.ts";
import { flutterRecord, toFlutterPayload, toGson, type FlutterLevel } from "./flutter-payloads.ts";

/** A value that was sent, and where it is in the log. */
export interface FoundValue {
  readonly variant: string;
  readonly path: string;
  readonly value: string;
  /** Path in the document, or the reason why the value carries no information. `undefined`: the log lacks it. */
  readonly found: string | undefined;
}

const CONCURRENT_SEARCHES = 8;

const LEVELS = ["INFO", "WARNING", "ERROR", "SEVERE"] as const satisfies readonly FlutterLevel[];

const SEVERITIES = { INFO: "info", WARNING: "warn", ERROR: "error", SEVERE: "fatal" } as const;

/** Values that have broken other log systems. `id` makes each of them unique. */
const HOSTILE: readonly ((id: string) => string)[] = [
  (id) => `plain ${id}`,
  (id) => `"quoted" \\back\\ ${id}`,
  (id) => `line\nfeed\ttab\r\n${id}`,
  (id) => `\u001b[31mred\u001b[0m ${id}`,
  (id) => `\u202eright to left ${id} \u200b\u2028\u2029`,
  (id) => `<img src=x onerror=alert(1)>&='${id}`,
  (id) => `emoji 👩‍👩‍👧 Größe 日本語 ${id}`,
  (id) => `  spaces around ${id}  `,
  (id) => `{"json":"${id}","a":{"b":[1,null]}}`,
  (id) => `{"broken":"${id}"`,
  (id) => `[INFO] } {  {${id}}  {x}`,
  (id) => `738529527931269425 ${id}`,
  (id) => `1e400 NaN ${id}`,
  (id) => `null-byte\u0000 ${id}`,
  (id) => `${id} ${"long ".repeat(2_000)}`,
  (id) => `${id} ${"x".repeat(40_000)}`,
  (id) => `__proto__ constructor ${id}`,
  (id) => `half \ud83d of an emoji ${id}`,
];

/** Values of fields that have a format. */
const SPECIAL: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { labels: "beta tester", geo: { "geo.location": '{ "lon": 13,4, "lat": 52,5 }' } },
  { labels: '{"ring":"canary"}', geo: { "geo.location": '{ "lon": 13.4, "lat": -52.5 }' } },
  { labels: '["a"]', geo: { "geo.location": '{ "lon": 181.5, "lat": 91.5 }' } },
  { labels: "null", geo: { "geo.location": "not available" }, "log.level": "ASSERT" },
  { "trace.id": "4bf92f3577b34da6a3ce929d0e0e4736", "transaction.id": "transaction-7" },
  { "trace.id": "not-hex", extra: { nested: ["value-1", { deep: "value-2" }] } },
  { "error.stack_trace": ["#0 main (package:a/main.dart:7:3)", "#1 run (dart:async)"], "error.message": "no funds" },
];

/** Fields whose values decide the level or the format. */
const FIXED_PATHS = new Set(["labels", "log.level", "log.logger", "geo.geo.location", "trace.id", "transaction.id"]);

type Leaf = readonly [path: string, value: unknown];

const isTree = (value: unknown): value is object => typeof value === "object" && value !== null;

const toLeaves = (value: unknown, path = ""): readonly Leaf[] =>
  isTree(value)
    ? Object.entries(value).flatMap(([key, child]) => toLeaves(child, path === "" ? key : `${path}.${key}`))
    : [[path, value]];

/** Replaces each text of a payload with a hostile one that is unique in it. */
const makeHostile = (value: unknown, path: string, seed: number, mark: string): unknown => {
  let count = 0;
  const visit = (node: unknown, at: string): unknown => {
    if (Array.isArray(node)) return node.map((child, i) => visit(child, `${at}.${i}`));
    if (isTree(node)) {
      return Object.fromEntries(
        Object.entries(node).map(([key, child]) => [key, visit(child, at === "" ? key : `${at}.${key}`)]),
      );
    }
    if (typeof node !== "string" || FIXED_PATHS.has(at) || at === "error.type") return node;
    count += 1;
    const toValue = HOSTILE[(seed + count) % HOSTILE.length];
    return toValue?.(at === "message" ? mark : `v${count}`) ?? node;
  };
  return visit(value, path);
};

const KEPT_LEVELS: Readonly<Record<string, readonly string[]>> = {
  INFO: ["info"],
  DEBUG: ["warn", "debug"],
  ERROR: ["error"],
  SEVERE: ["fatal"],
};

/** Where a value is in the document. Half of a surrogate pair is replaced, and a text over a limit is cut and listed. */
const locate = ([path, value]: Leaf, document: LogDocument, leaves: readonly Leaf[]): string | undefined => {
  const text = String(value).toWellFormed();
  // flutter_logs puts a space before the model, which is removed.
  const withoutBlank = path === "host.host.hostname" ? text.replace(/^ /, "") : text;
  if (text.trim() === "") return "(empty)";
  if (path.endsWith("log.origin.file.line") && value === 0) return "(always 0)";
  if (path === "labels" && text === "{}") return "(no labels)";
  if (path === "log.level" && KEPT_LEVELS[text]?.includes(document.severity.text) === true) return "severity.text";
  if (path === "geo.geo.location" && /"lon": 0\.0, "lat": 0\.0/.test(text)) return "(no position)";
  const equal = leaves.find(([, each]) => String(each) === text || String(each) === withoutBlank);
  if (equal !== undefined) return equal[0];
  const numbers = text.match(/-?\d+[.,]\d+/g)?.map((number) => Number(number.replace(",", "."))) ?? [];
  const places = numbers.map(
    (number) => leaves.find(([at, each]) => at.includes("geo.location") && each === number)?.[0],
  );
  if (path === "geo.geo.location" && places.length === 2 && !places.includes(undefined)) return places.join(", ");
  for (const { field, rest = "" } of document.edgelog.shortened ?? []) {
    const cut = leaves.find(
      ([, each]) =>
        typeof each === "string" && each.endsWith("…") && `${each.slice(0, -1)}${rest}`.includes(withoutBlank),
    );
    if (cut !== undefined) return `${cut[0]} and edgelog.shortened (${field})`;
  }
  if (path === "labels") {
    return leaves.some(([at]) => at.startsWith("attributes.labels")) ? "attributes.labels" : undefined;
  }
  return leaves.find(([, each]) => typeof each === "string" && each.includes(text))?.[0];
};

/** A payload and the values in it. */
export interface Variant {
  readonly name: string;
  readonly mark: string;
  /** The payload as bytes on the wire. */
  readonly text: string;
  readonly sent: readonly Leaf[];
  readonly severity: string | undefined;
}

const toElkVariants = (): readonly Variant[] =>
  LEVELS.flatMap((level, i) =>
    SPECIAL.flatMap((special, j) =>
      [0, 6, 12].map((offset): Variant => {
        const mark = `m${uuidv7().replaceAll("-", "")}`;
        const payload = makeHostile(toFlutterPayload(level, special), "", i + j + offset, mark) as object;
        const hasOwnLevel = "log.level" in special;
        return {
          name: `ELK ${level} ${j + 1}.${offset}`,
          mark,
          text: toGson(payload),
          sent: toLeaves(payload),
          severity: hasOwnLevel ? undefined : SEVERITIES[level],
        };
      }),
    ),
  );

const toPlainVariants = (): readonly Variant[] =>
  LEVELS.flatMap((level) =>
    HOSTILE.map((toValue, i): Variant => {
      const mark = `m${uuidv7().replaceAll("-", "")}`;
      const message = toValue(mark);
      const [tag, subTag] = [`tag ${i}`, `subTag <${i}> Größe`];
      return {
        name: `plain ${level} ${i}`,
        mark,
        text: `${flutterRecord(message, level, tag, subTag)}\n`,
        sent: [
          ["tag", tag],
          ["subTag", subTag],
          ["message", message],
          ["time", "05 June 2022 05:04:35 PM"],
        ],
        severity: SEVERITIES[level],
      };
    }),
  );

export const toVariants = (): readonly Variant[] => [...toElkVariants(), ...toPlainVariants()];

/** The values of a variant, and where they are in its log. */
export const locateValues = ({ name, sent }: Variant, document: LogDocument): readonly FoundValue[] => {
  const leaves = toLeaves(document);
  return sent.map(([path, value]) => ({
    variant: name,
    path,
    value: String(value),
    found: locate([path, value], document, leaves),
  }));
};

export interface FlutterReport {
  readonly values: readonly FoundValue[];
  /** Variants with another severity than the one that was sent. */
  readonly wrongSeverities: readonly string[];
}

/** Publishes all variants with QoS 0 over TLS, without a user name, and waits until each is found. */
export const findFlutterValues = async (fieldCases: FieldCaseStack): Promise<FlutterReport> => {
  const { file, waitFor } = fieldCases.stack;
  const ca = await readFile(file.ca);
  const app = await mqtt.connectAsync(file.mqtts, { protocolVersion: 4, ca, reconnectPeriod: 0, keepalive: 180 });
  const variants = toVariants();
  for (const { text } of variants) await app.publishAsync("mqtt", text, { qos: 0 });
  await app.endAsync();
  const values: FoundValue[] = [];
  const wrongSeverities: string[] = [];
  const check = async (variant: Variant): Promise<void> => {
    const { name, mark, severity } = variant;
    const hits = await waitFor(
      `${name}, ${mark}`,
      () => fieldCases.search(mark),
      ({ length }) => length > 0,
    );
    const [hit] = hits;
    if (hit === undefined || hits.length > 1) throw new Error(`${name} has ${hits.length} logs`);
    if (severity !== undefined && hit.document.severity.text !== severity) wrongSeverities.push(name);
    values.push(...locateValues(variant, hit.document));
  };
  for (let start = 0; start < variants.length; start += CONCURRENT_SEARCHES) {
    await Promise.all(variants.slice(start, start + CONCURRENT_SEARCHES).map(check));
  }
  return { values, wrongSeverities };
};
