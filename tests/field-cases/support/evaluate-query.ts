/**
 * A second implementation of the query language for tests: it reads a query and tests each event in memory. It was written from
 * QUERY.md and shares no code with the product, so an error in the product's parser, compiler or mapping shows as a
 * different result.
 */
import { hasPhrase, hasWordLike, toPattern } from "./match-words.ts";
import type { DataEvent } from "./query-data.ts";

type Test = (event: DataEvent) => boolean;

// Values

const flatten = (tree: Readonly<Record<string, unknown>>, prefix = ""): readonly (readonly [string, unknown])[] =>
  Object.entries(tree).flatMap(([key, value]) => {
    if (Array.isArray(value)) return value.map((each) => [prefix + key, each] as const);
    return typeof value === "object" && value !== null
      ? flatten(value as Readonly<Record<string, unknown>>, `${prefix}${key}.`)
      : [[prefix + key, value] as const];
  });

const valuesOf = (event: DataEvent, ...names: readonly string[]): readonly unknown[] =>
  [...flatten(event.attributes), ...flatten(event.resource)].flatMap(([name, value]) =>
    names.includes(name) ? [value] : [],
  );

type Kind = "level" | "text" | "keyword" | "number" | "date" | "integer";

interface Field {
  readonly kind: Kind;
  readonly read: (event: DataEvent) => readonly unknown[];
}

const of = (kind: Kind, ...names: readonly string[]): Field => ({ kind, read: (event) => valuesOf(event, ...names) });

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"];
const LEVEL: Field = { kind: "level", read: ({ severity }) => [severity] };
const TIME: Field = { kind: "date", read: ({ time }) => [time] };
const MESSAGE: Field = { kind: "text", read: ({ body }) => [body] };

/** The fields that the queries of the test use. A short name also finds an attribute of the same name, which no event has. */
const FIELDS: Readonly<Record<string, Field>> = {
  level: LEVEL,
  severity: LEVEL,
  "log.level": LEVEL,
  message: MESSAGE,
  body: MESSAGE,
  time: TIME,
  "@timestamp": TIME,
  user: of("keyword", "user.id", "user.name", "user.email"),
  "user.id": of("keyword", "user.id"),
  "user.email": of("keyword", "user.email"),
  session: of("keyword", "session.id"),
  "session.id": of("keyword", "session.id"),
  method: of("keyword", "http.request.method"),
  path: of("keyword", "url.path"),
  "url.path": of("keyword", "url.path"),
  service: of("keyword", "service.name"),
  "service.name": of("keyword", "service.name"),
  version: of("keyword", "service.version"),
  "service.version": of("keyword", "service.version"),
  host: of("keyword", "host.name"),
  "host.hostname": of("keyword", "host.name", "device.model.name"),
  os: of("keyword", "os.name"),
  "os.api_level": of("integer", "os.api_level"),
  type: of("keyword", "exception.type"),
  "exception.type": of("keyword", "exception.type"),
  "error.type": of("keyword", "exception.type"),
  exception: of("text", "exception.message", "exception.stacktrace"),
  "exception.message": of("text", "exception.message"),
  "error.message": of("text", "exception.message"),
  "exception.stacktrace": of("text", "exception.stacktrace"),
  "error.stack_trace": of("text", "exception.stacktrace"),
  status: of("number", "http.response.status_code"),
  "http.response.status_code": of("number", "http.response.status_code"),
  duration: of("number", "duration.ms"),
};

/** Fields that a log has at most once: not texts, and not short names, which also find an attribute of the same name. */
const hasOneValue = (name: string): boolean =>
  FIELDS[name] !== undefined && FIELDS[name].kind !== "text" && !SHORT_NAMES.has(name);

const SHORT_NAMES: ReadonlySet<string> = new Set([
  ..."user session method path service version host os type status duration".split(" "),
  "host.hostname",
  "error.type",
]);

/** Names of attributes with a field: words without a field are compared with these only. */
const VALUE_FIELDS = [
  "service.name",
  "user.id",
  "user.email",
  "session.id",
  "exception.type",
  "http.request.method",
  "url.path",
];
const TYPED = new Set([
  ...Object.values(FIELDS).flatMap(() => []),
  ...VALUE_FIELDS,
  "service.version",
  "host.name",
  "os.name",
  "os.api_level",
  "exception.message",
  "exception.stacktrace",
  "http.response.status_code",
  "duration.ms",
]);

const isAnyValue = (event: DataEvent, text: string): boolean =>
  [...flatten(event.attributes), ...flatten(event.resource)].some(
    ([name, value]) => (!TYPED.has(name) || VALUE_FIELDS.includes(name)) && String(value) === text,
  ) ||
  event.id === text ||
  event.traceId === text;

// Matches

interface Value {
  /** As written, without quotes. */
  readonly raw: string;
  readonly isQuoted: boolean;
}

const unescape = (raw: string): string => raw.replaceAll(/\\([^\p{L}\p{N}])/gu, "$1");
const hasWildcard = ({ raw, isQuoted }: Value): boolean => !isQuoted && /(?<!\\)[*?]/.test(raw);

/** In text, a question mark is punctuation after a letter at the end of a word, and in words with a slash or an equals sign. */
const toTextValue = (value: Value): Value => {
  const { raw, isQuoted } = value;
  if (!isQuoted && /[/=]/.test(raw)) return { raw: raw.replaceAll(/(?<!\\)\?/g, "\\?"), isQuoted };
  return /^[^*?\\]*\p{L}\?$/u.test(raw) ? { raw: raw.slice(0, -1), isQuoted } : value;
};

const toNumber = (kind: Kind, text: string): number => {
  if (kind === "level") return LEVELS.indexOf({ warning: "warn" }[text.toLowerCase()] ?? text.toLowerCase());
  return kind === "date" && !/^\d+$/.test(text) ? Date.parse(text) : Number(text);
};

const isOrdered = (kind: Kind): boolean => !["text", "keyword"].includes(kind);

/** Bounds of `>5`, `5..10` and similar; `undefined` for other values. */
const toBounds = (kind: Kind, { raw, isQuoted }: Value): ((value: number) => boolean) | undefined => {
  if (isQuoted) return undefined;
  const [, sign, rest = ""] = /^(>=|<=|>|<)(.+)$/.exec(raw) ?? [];
  const bound = toNumber(kind, unescape(rest));
  if (sign === ">=") return (value) => value >= bound;
  if (sign === "<=") return (value) => value <= bound;
  if (sign === ">") return (value) => value > bound;
  if (sign === "<") return (value) => value < bound;
  const [, from = "", to = ""] = /^(.*?)\.\.(.*)$/.exec(raw) ?? [];
  const isOpen = (end: string): boolean => end === "" || end === "*";
  if (isOpen(from) && isOpen(to)) return undefined;
  const [low, high] = [isOpen(from) ? -Infinity : toNumber(kind, from), isOpen(to) ? Infinity : toNumber(kind, to)];
  return (value) => value >= low && value <= high;
};

const matchesField = ({ kind, read }: Field, written: Value): Test => {
  const value = kind === "text" ? toTextValue(written) : written;
  const text = unescape(value.raw);
  if (!value.isQuoted && value.raw === "*") return (event) => read(event).length > 0;
  const bounds = isOrdered(kind) ? toBounds(kind, value) : undefined;
  if (bounds !== undefined) return (event) => read(event).some((each) => bounds(toNumber(kind, String(each))));
  if (kind === "text") {
    return (event) =>
      read(event).some((each) =>
        hasWildcard(value) ? hasWordLike(String(each), value.raw) : hasPhrase(String(each), text),
      );
  }
  if (hasWildcard(value)) {
    const pattern = toPattern(value.raw, kind === "level" ? "i" : "");
    return (event) => read(event).some((each) => pattern.test(String(each)));
  }
  if (kind === "number" || kind === "level") {
    return (event) => read(event).some((each) => toNumber(kind, String(each)) === toNumber(kind, text));
  }
  return (event) => read(event).some((each) => String(each) === text);
};

/** An attribute: text as a whole, numbers by value unless the value is quoted. */
const matchesAttribute = (name: string, value: Value): Test => {
  const [, map, inner] = /^(attributes|resource\.attributes)\.(.+)$/.exec(name) ?? [];
  const read = (event: DataEvent): readonly unknown[] => {
    const trees =
      map === "attributes"
        ? [event.attributes]
        : map === undefined
          ? [event.attributes, event.resource]
          : [event.resource];
    return trees.flatMap((tree) => flatten(tree).flatMap(([key, each]) => (key === (inner ?? name) ? [each] : [])));
  };
  const text = unescape(value.raw);
  if (!value.isQuoted && value.raw === "*") return (event) => read(event).length > 0;
  const bounds = toBounds("number", value);
  if (bounds !== undefined) return (event) => read(event).some((each) => typeof each === "number" && bounds(each));
  if (hasWildcard(value)) {
    const pattern = toPattern(value.raw, "");
    return (event) => read(event).some((each) => pattern.test(String(each)));
  }
  const isNumber = (each: unknown): boolean => !value.isQuoted && typeof each === "number" && each === Number(text);
  return (event) => read(event).some((each) => String(each) === text || isNumber(each));
};

const matchesText = (written: Value): Test => {
  const value = toTextValue(written);
  const texts = (event: DataEvent): readonly string[] => [
    event.body,
    ...valuesOf(event, "exception.message", "exception.stacktrace").map(String),
  ];
  if (!value.isQuoted && /^(?:\*+|\*:\*)$/.test(value.raw)) return () => true;
  if (hasWildcard(value)) {
    const pattern = toPattern(value.raw, "");
    const values = (event: DataEvent): readonly string[] => [...valuesOf(event, ...VALUE_FIELDS).map(String), event.id];
    return (event) =>
      texts(event).some((text) => hasWordLike(text, value.raw)) || values(event).some((each) => pattern.test(each));
  }
  const text = unescape(value.raw);
  return (event) => texts(event).some((each) => hasPhrase(each, text)) || isAnyValue(event, text);
};

const matches = (name: string | undefined, value: Value): Test => {
  if (name === undefined) return matchesText(value);
  if (name === "_exists_") return matches(value.raw, { raw: "*", isQuoted: false });
  const field = FIELDS[name];
  return field === undefined ? matchesAttribute(name, value) : matchesField(field, value);
};

// Syntax

const QUOTED = /"((?:[^"\\]|\\[^])*)"|'([^']*)'(?=\s|\)|$)|“([^”]*)”/y;
const NAME = /(?:"((?:[^"\\]|\\.)*)"|([\p{L}_@][^\s:*?"()\\<>=!]*)):(?=\S)/uy;
const HABIT = /([\p{L}_@][\w.@]*)\s*(>=|<=|!=|==|=|>|<|:)\s*/uy;
const BARE = /(?:\\[^]|\(\)|[^\s()"\\])+/y;
/** Text with a colon that does not follow the name of a field. */
const PASTED = /[\w.]+\.(?:java|js):\d+(?::\d+)?|https?:\/\/\S+/y;

class Reader {
  readonly #query: string;
  #at = 0;
  constructor(query: string) {
    this.#query = query;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#query);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }

  readAll(): Test {
    const test = this.#or(undefined);
    if (this.#at < this.#query.length) throw new Error(`Not understood: ${this.#query.slice(this.#at)}`);
    return test;
  }

  #or(name: string | undefined): Test {
    const tests = [this.#and(name)];
    while (this.#match(/\s*(?:OR|\|\|)(?=[\s(])\s*/y) !== undefined) tests.push(this.#and(name));
    return (event) => tests.some((test) => test(event));
  }

  #and(name: string | undefined): Test {
    const tests: Test[] = [];
    const values: Test[] = [];
    // A space joins the values of such a field by OR. Comparisons and exclusions limit them.
    const isOneValue = name !== undefined && hasOneValue(name);
    let hasAnd = false;
    for (;;) {
      this.#match(/\s+/y);
      if (this.#match(/(?:AND|&&)(?=[\s(])\s*/y) !== undefined) hasAnd = true;
      if (this.#at >= this.#query.length || /^(?:\)|(?:OR|\|\|)[\s(])/.test(this.#query.slice(this.#at))) break;
      const isValue = isOneValue && !/^(?:[-!<>]|NOT[\s(])/.test(this.#query.slice(this.#at));
      const test = this.#not(name);
      if (test !== undefined) (isValue ? values : tests).push(test);
    }
    const hasValue: Test = (event) =>
      hasAnd || values.length === 0 ? values.every((test) => test(event)) : values.some((test) => test(event));
    return (event) => tests.every((test) => test(event)) && hasValue(event);
  }

  /** `undefined` for punctuation, which is ignored. */
  #not(name: string | undefined): Test | undefined {
    if (this.#match(/NOT(?=[\s(])\s*|-(?=\S)|!(?=[^\s=!])/y) === undefined) return this.#primary(name);
    const test = this.#not(name);
    return test && ((event) => !test(event));
  }

  #primary(name: string | undefined): Test | undefined {
    this.#match(/\+(?=[\p{L}"(])/uy);
    if (this.#match(/\(/y) !== undefined) {
      const test = this.#or(name);
      if (this.#match(/\s*\)/y) === undefined) throw new Error("A parenthesis is not closed.");
      return test;
    }
    if (name === undefined) {
      const pasted = this.#match(PASTED);
      if (pasted !== undefined) return matchesText({ raw: pasted[0], isQuoted: true });
      const field = this.#name();
      if (field !== undefined) return this.#value(field.name, field.sign);
    }
    const value = this.#word();
    return !value.isQuoted && /^(?:[^\p{L}\p{N}*?]+|\?)$/u.test(value.raw) ? undefined : matches(name, value);
  }

  #name(): { readonly name: string; readonly sign: string } | undefined {
    const start = this.#at;
    const habit = this.#match(HABIT);
    const [, known = "", sign = ":"] = habit ?? [];
    // Comparisons without a colon, and spaces after it, are accepted for the names of fields only.
    if (habit !== undefined && (FIELDS[known] !== undefined || known === "_exists_")) return { name: known, sign };
    this.#at = start;
    const named = this.#match(NAME);
    return named === undefined ? undefined : { name: named[1] ?? named[2] ?? "", sign: ":" };
  }

  #value(name: string, sign: string): Test {
    if (this.#query.charAt(this.#at) === "(") {
      this.#at += 1;
      const test = this.#or(name);
      this.#match(/\s*\)/y);
      return test;
    }
    const range = this.#match(/([[{])(\S+) TO ([^\s\]}]+)([\]}])/y);
    if (range !== undefined) {
      const [, opening, from = "", to = "", closing] = range;
      const ends = [`${opening === "{" ? ">" : ">="}${from}`, `${closing === "}" ? "<" : "<="}${to}`];
      const raws = ["*", ...ends.filter((end) => !end.endsWith("*"))];
      return (event) => raws.every((raw) => matches(name, { raw, isQuoted: false })(event));
    }
    this.#match(/(?<=[<>]=?)\s+/y);
    const spaced = /^([<>]=?)\s+/.exec(this.#query.slice(this.#at));
    if (spaced !== null) this.#at += spaced[0].length;
    const { raw, isQuoted } = this.#word();
    const prefix = spaced?.[1] ?? (/^[<>]/.test(sign) ? sign : "");
    const test = matches(name, { raw: prefix + raw, isQuoted });
    return sign === "!=" ? (event) => !test(event) : test;
  }

  #word(): Value {
    const quoted = this.#match(QUOTED);
    if (quoted !== undefined) return { raw: quoted[1] ?? quoted[2] ?? quoted[3] ?? "", isQuoted: true };
    const bare = this.#match(BARE);
    if (bare === undefined) throw new Error(`Not understood: ${this.#query.slice(this.#at)}`);
    return { raw: bare[0], isQuoted: false };
  }
}

/** The ids of the events that a query matches. */
export const evaluateQuery = (query: string, events: readonly DataEvent[]): ReadonlySet<string> => {
  const test = new Reader(query).readAll();
  return new Set(events.filter(test).map(({ id }) => id));
};
