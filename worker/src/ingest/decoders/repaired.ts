/**
 * Records what was changed when the JSON of an event was parsed: equal keys, and numbers that became texts.
 */
import { FreeNames } from "#contract/check/free-names.ts";
import { repairOf } from "#contract/check/read-json.ts";
import { isObject, put, type JsonObject } from "#contract/wire/json-object.ts";
import type { RawEvent } from "../delivery.ts";
import { isEmpty } from "./field-map.ts";

/** The event of a parsed object, with the changes to the object. Returns the same event for nearly all objects. */
export const withRepairs = (event: RawEvent, object: JsonObject): RawEvent => {
  const repair = event.ok ? repairOf(object) : undefined;
  if (!event.ok || repair === undefined) return event;
  return { ...event, changes: [...new Set([...(event.changes ?? []), ...repair.changes])] };
};

/**
 * An event in edgelog's format. An event has no other fields than those of the format, so the values of equal keys after the first become
 * attributes.
 */
export const toOwnEvent = (sent: unknown): RawEvent & { readonly ok: true } => {
  const event = { ok: true, value: sent } as const;
  const repair = isObject(sent) ? repairOf(sent) : undefined;
  if (!isObject(sent) || repair === undefined) return event;
  const changes = [...repair.changes];
  const attributes = isEmpty(sent["attributes"]) ? {} : sent["attributes"];
  if (repair.renamed.length === 0 || !isObject(attributes)) return { ...event, changes };
  const value: Record<string, unknown> = { ...sent };
  const all: Record<string, unknown> = { ...attributes };
  const names = new FreeNames();
  for (const name of repair.renamed) {
    put(
      all,
      names.find(name, (each) => Object.hasOwn(all, each)),
      sent[name],
    );
    delete value[name];
  }
  return { ok: true, value: { ...value, attributes: all }, changes };
};
