/**
 * Splits a JSON text that exceeds a limit into its events, so that one event costs only itself. Linear in the length of the
 * text, and without recursion. Used only for such texts: `JSON.parse` reads all others.
 */
import { MAX_BATCH_EVENTS } from "#contract/wire/limits.ts";
import { tooManyEvents } from "#contract/wire/too-many-events.ts";
import type { Violation } from "#contract/wire/violation.ts";
import { endOfString } from "./check-json.ts";
import { parseJson, type ParsedJson } from "./parse-json.ts";

const OPENING = "[{";
const CLOSING = "]}";

/** An event of a batch that exceeds a limit of JSON texts and was not parsed. */
export class UnreadableEvent {
  readonly violation: Violation;
  /** The event as sent. */
  readonly raw: string;

  constructor(violation: Violation, raw: string) {
    this.violation = violation;
    this.raw = raw;
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The elements of the array or the members of the object that starts at `start`. `undefined` if it is not closed. */
const splitMembers = (
  text: string,
  start: number,
): { readonly members: readonly Span[]; readonly end: number } | undefined => {
  const members: Span[] = [];
  let depth = 0;
  let memberStart = start + 1;
  const add = (end: number): void => {
    if (text.slice(memberStart, end).trim() !== "") members.push({ start: memberStart, end });
    memberStart = end + 1;
  };
  for (let i = start; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (character === '"') i = endOfString(text, i);
    else if (OPENING.includes(character)) depth += 1;
    else if (CLOSING.includes(character)) {
      depth -= 1;
      if (depth > 0) continue;
      add(i);
      return { members, end: i + 1 };
    } else if (character === "," && depth === 1) add(i);
  }
  return undefined;
};

const EVENTS_KEY = /^\s*"events"\s*:\s*(?=\[)/;

const parseElement = (text: string, { start, end }: Span): unknown => {
  const raw = text.slice(start, end).trim();
  const json = parseJson(raw);
  if (json.ok) return json.value;
  return new UnreadableEvent(
    json.violation ?? { reason: "invalid_json", message: "This event is not valid JSON." },
    raw,
  );
};

const parseElements = (text: string, spans: readonly Span[]): ParsedJson =>
  spans.length > MAX_BATCH_EVENTS
    ? { ok: false, violation: tooManyEvents(spans.length) }
    : { ok: true, value: spans.map((span) => parseElement(text, span)) };

/**
 * Parses a list of events or a batch, and replaces each event that exceeds a limit by an {@link UnreadableEvent}. `undefined`
 * for any other text, and if the limit is exceeded outside of the events. Too many events are not parsed.
 */
export const parseEvents = (text: string): ParsedJson | undefined => {
  const all = splitMembers(text, 0);
  if (all === undefined || text.slice(all.end).trim() !== "") return undefined;
  if (text.startsWith("[")) return parseElements(text, all.members);
  for (const member of all.members) {
    const [key] = EVENTS_KEY.exec(text.slice(member.start, member.end)) ?? [];
    if (key === undefined) continue;
    const start = member.start + key.length;
    const events = splitMembers(text, start);
    if (events === undefined) return undefined;
    const head = parseJson(`${text.slice(0, start)}[]${text.slice(events.end)}`);
    if (!head.ok || typeof head.value !== "object") return undefined;
    const elements = parseElements(text, events.members);
    return elements.ok ? { ok: true, value: { ...head.value, events: elements.value } } : elements;
  }
  return undefined;
};
