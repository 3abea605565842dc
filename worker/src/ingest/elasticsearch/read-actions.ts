/**
 * Reads the lines of an Elasticsearch bulk request: an action, and for all actions except `delete` the line after it with the
 * document. Pure and total: a line that is not an action is an action with a violation, and the next line is read as an action.
 *
 * Source: https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
 */
import { Buffer } from "node:buffer";
import { parseJson } from "#contract/check/parse-json.ts";
import { isObject } from "#contract/wire/json-object.ts";
import type { Violation } from "#contract/wire/violation.ts";

const ACTION_NAMES = ["create", "index", "update", "delete"] as const;

export type BulkActionName = (typeof ACTION_NAMES)[number];

/** One action of a bulk request. */
export interface BulkAction {
  /** `index` for a line that is not an action. */
  readonly name: BulkActionName;
  /** `_index` of the action, or the index in the path of the request. */
  readonly index: string | undefined;
  /** `_id` of the action. */
  readonly id: string | undefined;
  /** The document as JSON text. */
  readonly source: string | undefined;
  /** The lines of the action, each with a line feed. */
  readonly raw: string;
  /** Why the action is rejected. */
  readonly violation?: Violation;
}

const toText = (value: unknown): string | undefined =>
  (typeof value === "string" && value !== "") || typeof value === "number" ? String(value) : undefined;

const reject = (message: string): Violation => ({ reason: "unknown_shape", message });

const NOT_AN_ACTION = reject("This line is not an action of a bulk request: `create` or `index`.");
const NO_SOURCE = reject("The action has no document.");
const NOT_SUPPORTED = reject("Logs are not changed: only the actions `create` and `index` are supported.");

/** Action lines may have members that clients add, such as `attempts` of winston-elasticsearch. */
const readAction = (line: string): readonly [BulkActionName, Readonly<Record<string, unknown>>] | undefined => {
  // Cheaper than the error that `JSON.parse` creates.
  const json = line.trimStart().startsWith("{") ? parseJson(line) : undefined;
  if (json?.ok !== true || !isObject(json.value)) return undefined;
  const { value } = json;
  for (const name of ACTION_NAMES) {
    const options = value[name];
    if (isObject(options)) return [name, options];
  }
  return undefined;
};

/** @param defaultIndex The index of actions without `_index`. */
export const readActions = (text: string, defaultIndex?: string): readonly BulkAction[] => {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const actions: BulkAction[] = [];
  let position = 0;
  while (position < lines.length) {
    const line = lines[position] ?? "";
    const [name, options] = readAction(line) ?? [];
    position += 1;
    if (name === undefined || options === undefined) {
      const violation = NOT_AN_ACTION;
      actions.push({
        name: "index",
        index: defaultIndex,
        id: undefined,
        source: undefined,
        raw: `${line}\n`,
        violation,
      });
      continue;
    }
    const source = name === "delete" ? undefined : lines[position];
    if (source !== undefined) position += 1;
    const isSupported = name === "create" || name === "index";
    const violation = isSupported ? (source === undefined ? NO_SOURCE : undefined) : NOT_SUPPORTED;
    actions.push({
      name,
      index: toText(options["_index"]) ?? defaultIndex,
      id: toText(options["_id"]),
      source,
      raw: source === undefined ? `${line}\n` : `${line}\n${source}\n`,
      ...(violation === undefined ? {} : { violation }),
    });
  }
  return actions;
};

/** Whether a text contains at least one action. */
export const hasAction = (actions: readonly BulkAction[]): boolean =>
  actions.some(({ violation }) => violation !== NOT_AN_ACTION);

/**
 * Groups consecutive actions into texts within the limits of one payload. An action that exceeds `maxBytes` is alone in its
 * group.
 */
export const groupActions = (
  actions: readonly BulkAction[],
  { maxActions, maxBytes }: { readonly maxActions: number; readonly maxBytes: number },
): readonly (readonly BulkAction[])[] => {
  const groups: BulkAction[][] = [];
  let bytes = 0;
  for (const action of actions) {
    const actionBytes = Buffer.byteLength(action.raw);
    const group = groups.at(-1);
    if (group !== undefined && group.length < maxActions && bytes + actionBytes <= maxBytes) {
      group.push(action);
      bytes += actionBytes;
    } else {
      groups.push([action]);
      bytes = actionBytes;
    }
  }
  return groups;
};
