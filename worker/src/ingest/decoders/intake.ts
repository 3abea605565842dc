/**
 * The form of all decoders of protocols of other log services, and functions that several of them use. Pure.
 *
 * A request is split into units first, each a JSON value on one line, so that a large request becomes several payloads without
 * being decoded at once. The units of a payload are decoded one after the other.
 */
import { decodeText } from "#contract/check/decode-text.ts";
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import { MAX_RELAY_EVENTS } from "#contract/wire/limits.ts";
import { isContinuation } from "#contract/wire/line-formats.ts";
import type { Attributes } from "#contract/wire/log-event.ts";
import type { Violation } from "#contract/wire/violation.ts";
import type { RawEvent } from "../delivery.ts";
import { fail, ok, type Result } from "../result.ts";
import { FieldMap } from "./field-map.ts";
import { splitJsonValues } from "./json-values.ts";
import { toRawEvent, type DecodedEvent } from "./to-raw-event.ts";

/** A part of a request. */
export interface IntakeUnit {
  /** JSON on one line. */
  readonly json: string;
  /** Number of events that it becomes. */
  readonly events: number;
  /** Total length of its events, each with the labels that it shares with others. Default: the length of the JSON. */
  readonly length?: number;
}

/** The length of the events of a unit. `repeatedLength` is that of the values in headers and in the query string, which each event has. */
export const lengthOf = ({ json, length = json.length, events }: IntakeUnit, repeatedLength = 0): number =>
  length + events * repeatedLength;

/** Decodes texts and objects in an event by their shape. `undefined`: they have no known shape. */
export interface ShapeDecoders {
  readonly decodeLine: (text: string) => RawEvent | undefined;
  readonly decodeShape: (object: JsonObject) => RawEvent | undefined;
}

export interface IntakeContext extends ShapeDecoders {
  readonly app: string;
  /** Values of the protocol in headers and in the query string. */
  readonly params: Readonly<Record<string, string>>;
}

/** The decoder of one protocol. */
export interface IntakeDecoder {
  /** Splits the body of a request. Fails if the body is not of this protocol or has too many events. */
  readonly split: (body: Uint8Array, params: Readonly<Record<string, string>>) => Result<readonly IntakeUnit[]>;
  /** Decodes a unit into as many events as its `events`. Never throws. */
  readonly decode: (unit: unknown, context: IntakeContext) => readonly RawEvent[];
}

/** The text of a body. `undefined`: it is binary. */
export const toText = (body: Uint8Array): string | undefined => decodeText(body)?.text;

export const NOT_TEXT = fail({ reason: "not_utf8", message: "The body is binary: it is not UTF-8 text." });

export const notOfProtocol = (message: string): Result<never> => fail({ reason: "unknown_shape", message });

/**
 * Maximum total length of the events of a request, in UTF-16 code units. A small request with long labels could otherwise occupy the
 * isolate for a minute.
 */
const MAX_EVENTS_LENGTH = 16_777_216;

export const TOO_MANY_EVENTS: Violation = {
  reason: "too_many_events",
  message: `A request has at most ${MAX_RELAY_EVENTS} events. Send smaller batches.`,
  limit: MAX_RELAY_EVENTS,
};

const TOO_LONG: Violation = {
  reason: "too_large",
  message: `The events of a request, each with its labels, have at most ${MAX_EVENTS_LENGTH} characters. Send smaller batches.`,
  limit: MAX_EVENTS_LENGTH,
};

/** The violation of events that are too long together with the values that each of them repeats. */
export const findTooLong = (units: readonly IntakeUnit[], repeatedLength: number): Violation | undefined => {
  const length = units.reduce((sum, unit) => sum + lengthOf(unit, repeatedLength), 0);
  return length > MAX_EVENTS_LENGTH ? TOO_LONG : undefined;
};

/** Collects the units of a request, up to the maximum number and length of events. */
export class UnitList {
  readonly units: IntakeUnit[] = [];
  #events = 0;
  #length = 0;

  /** Returns the violation if the request exceeds a limit. */
  add(unit: IntakeUnit): Violation | undefined {
    this.#events += unit.events;
    this.#length += lengthOf(unit);
    if (this.#events > MAX_RELAY_EVENTS) return TOO_MANY_EVENTS;
    if (this.#length > MAX_EVENTS_LENGTH) return TOO_LONG;
    this.units.push(unit);
    return undefined;
  }

  /** Adds values of which each becomes one event, up to the first that is too many. */
  addEach<T>(values: Iterable<T>, toJson: (value: T) => string): Violation | undefined {
    for (const value of values) {
      const violation = this.add({ json: toJson(value), events: 1 });
      if (violation !== undefined) return violation;
    }
    return undefined;
  }
}

const collectUnits = <T>(values: Iterable<T>, toJson: (value: T) => string): Result<readonly IntakeUnit[]> => {
  const list = new UnitList();
  const violation = list.addEach(values, toJson);
  return violation === undefined ? ok(list.units) : fail(violation);
};

/** A unit for each JSON text, of which each becomes one event. */
export const toUnits = (texts: Iterable<string>): Result<readonly IntakeUnit[]> => collectUnits(texts, (text) => text);

/** A unit for each value, of which each becomes one event. */
export const toValueUnits = (values: Iterable<unknown>): Result<readonly IntakeUnit[]> =>
  collectUnits(values, (value) => JSON.stringify(value));

/** Whether a text starts like a list or an object. */
export const startsLikeJson = (text: string): boolean => /^\s*[[{]/.test(text);

/** The texts of JSON values, up to the first that is too many. */
export const splitEvents = (text: string): readonly string[] => splitJsonValues(text, MAX_RELAY_EVENTS + 1);

/** Splits a body of JSON values, each of which becomes one event. */
export const splitJsonBody = (body: Uint8Array, notJsonMessage: string): Result<readonly IntakeUnit[]> => {
  const text = toText(body);
  if (text === undefined) return NOT_TEXT;
  return startsLikeJson(text) ? toUnits(splitEvents(text)) : notOfProtocol(notJsonMessage);
};

/** The event of a unit that is not of the protocol. */
export const rejectUnit = (unit: unknown, message: string): RawEvent => ({
  ok: false,
  violation: { reason: "unknown_shape", message },
  raw: unit,
});

/** Gives an event the id of its log. */
export const withId = (event: RawEvent & { readonly ok: true }, id: string): RawEvent => ({
  ...event,
  value: { ...(event.value as JsonObject), id },
});

/** Joins the lines of a stack trace to the line that they continue. Leaves out empty lines. */
export const toLines = (text: string): readonly string[] => {
  const lines: string[] = [];
  let joined: string[] = [];
  const close = (): void => {
    if (joined.length > 0) lines.push(joined.join("\n"));
    joined = [];
  };
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === "") continue;
    const [first] = joined;
    if (first === undefined || !isContinuation(line, { first, last: joined.at(-1) ?? first })) close();
    joined.push(line);
  }
  close();
  return lines;
};

type Fields = Partial<Omit<DecodedEvent, "body">> & Pick<DecodedEvent, "body">;

/** Whether an outer value repeats a nested one. Labels and metadata are texts: winston-loki sends numbers and objects as JSON. */
const isRepeated = (own: unknown, outer: unknown): boolean => {
  const json = JSON.stringify(own);
  return json === JSON.stringify(outer) || (typeof own !== "string" && json === outer);
};

const mergeMaps = (own: Attributes | undefined, outer: Attributes | undefined): Attributes => {
  const merged = new FieldMap();
  for (const [key, value] of Object.entries(own ?? {})) merged.keep(key, value);
  for (const [key, value] of Object.entries(outer ?? {})) {
    if (!merged.has(key) || !isRepeated(merged.map[key], value)) merged.keep(key, value);
  }
  return merged.map;
};

/** `null` and an empty text count as absent. */
const presentFields = (value: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined && each !== null && each !== ""));

interface NestOptions {
  /** Whether an id is that of the log. Default: it becomes an attribute. */
  readonly keepsId?: boolean;
}

/**
 * An event that is in the text or the object of another one. It gets the attributes and the resource of the outer event, and its
 * time, severity and trace if it lacks them. If the outer event has a time, a `date` in the nested one is an attribute: it can be the
 * time of something else. Its id becomes an attribute: the program that wrote the text may mean something else, such as an order, and
 * logs with the same id would count as duplicates. Returns `outer` if nothing is nested.
 */
export const nest = (
  outer: RawEvent,
  nested: RawEvent | undefined,
  { keepsId = false }: NestOptions = {},
): RawEvent => {
  if (nested?.ok !== true || !outer.ok || !isObject(nested.value) || !isObject(outer.value)) return outer;
  const { body, ...others } = nested.value;
  const present = presentFields(others);
  const isNestedTime = "time" in present && (nested.doubtfulTime === undefined || outer.value["time"] === undefined);
  const { time } = isNestedTime ? present : outer.value;
  const { id, ...value } = { ...outer.value, ...present, time, body } as Fields & { readonly id?: string };
  const [{ doubtfulTime }, { doubtfulTime: unused }] = isNestedTime ? [nested, outer] : [outer, nested];
  const members = {
    ...(id === undefined || keepsId ? {} : { id }),
    ...(unused === undefined ? {} : { [unused.key]: unused.value }),
  };
  const attributes = mergeMaps(
    mergeMaps(nested.value["attributes"] as Attributes | undefined, members),
    outer.value["attributes"] as Attributes | undefined,
  );
  const resource = mergeMaps(nested.resource, outer.resource);
  const event = toRawEvent(
    nested.dialect ?? "event",
    { ...value, severity: value.severity, attributes, ...(Object.keys(resource).length > 0 ? { resource } : {}) },
    outer.raw,
  );
  if (!event.ok) return event;
  const shortened = [...(outer.shortened ?? []), ...(nested.shortened ?? []), ...(event.shortened ?? [])];
  const changes = new Set([...(outer.changes ?? []), ...(nested.changes ?? [])]);
  const identified = id === undefined || !keepsId ? event : withId(event, id);
  return {
    ...identified,
    ...(doubtfulTime === undefined ? {} : { doubtfulTime }),
    ...(shortened.length === 0 ? {} : { shortened }),
    ...(changes.size === 0 ? {} : { changes: [...changes] }),
  };
};
