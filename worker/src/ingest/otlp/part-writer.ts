/**
 * Writes the records of an OTLP request to JSON texts that each have at most as many records as one payload may have. A text
 * repeats the resource and the scope of its records.
 */
import type { JsonObject } from "#contract/wire/json-object.ts";

/**
 * Maximum total length of the texts of one request, in UTF-16 code units. They are in memory until all of their records are
 * stored. A request of 1 MiB with less than 1 KB of resource attributes is always below it.
 */
const MAX_PARTS_LENGTH = 8_388_608;

/** Length from which a text gets no further record, so that it stays below the number of values of one payload. */
const MAX_PART_LENGTH = 524_288;

/** The texts of a request. Without `isTooLarge`, a failed request is not OTLP. */
export type LogsParts =
  | { readonly ok: true; readonly parts: readonly string[] }
  | { readonly ok: false; readonly isTooLarge?: false }
  | { readonly ok: false; readonly isTooLarge: true; readonly message: string };

/** The JSON of an object with one more member, which is a list that is not closed yet. */
const openList = (header: JsonObject, member: string): string => {
  const json = JSON.stringify(header);
  return `${json.slice(0, -1)}${json === "{}" ? "" : ","}"${member}":[`;
};

export class PartWriter {
  readonly #maxRecords: number;
  readonly #parts: string[] = [];
  #length = 0;
  #resource = "";
  #scope = "";
  /** Whether a resource or a scope starts with the next record. */
  #isNew = { resource: true, scope: true };
  /** The open part, its length, and the number of its records. */
  #pieces: string[] = [];
  #partLength = 0;
  #records = 0;
  #total = 0;

  constructor(maxRecords: number) {
    this.#maxRecords = maxRecords;
  }

  /** Further records are not written. */
  get isTooLarge(): boolean {
    return this.#length > MAX_PARTS_LENGTH;
  }

  /** @param header The members of a `ResourceLogs` without `scopeLogs`. */
  startResource(header: JsonObject): void {
    this.#resource = openList(header, "scopeLogs");
    this.#isNew = { resource: true, scope: true };
  }

  /** @param header The members of a `ScopeLogs` without `logRecords`. */
  startScope(header: JsonObject): void {
    this.#scope = openList(header, "logRecords");
    this.#isNew = { ...this.#isNew, scope: true };
  }

  addRecord(record: JsonObject): void {
    if (this.#records === this.#maxRecords || this.#partLength >= MAX_PART_LENGTH) this.#closePart();
    const text = `${this.#separator()}${JSON.stringify(record)}`;
    this.#length += text.length;
    this.#partLength += text.length;
    if (this.isTooLarge) return;
    this.#pieces.push(text);
    this.#isNew = { resource: false, scope: false };
    this.#records += 1;
    this.#total += 1;
  }

  finish(): LogsParts {
    this.#closePart();
    if (!this.isTooLarge) return { ok: true, parts: this.#parts };
    const message = `The request would become more than ${MAX_PARTS_LENGTH} characters of JSON. Send fewer records.`;
    return { ok: false, isTooLarge: true, message };
  }

  /** The text between the last record and the next one. */
  #separator(): string {
    if (this.#records === 0) {
      // Ids are derived from the content, so parts with equal records need a difference. The decoder ignores the member.
      const part = this.#total === 0 ? "" : `"part":${this.#total},`;
      return `{${part}"resourceLogs":[${this.#resource}${this.#scope}`;
    }
    if (this.#isNew.resource) return `]}]},${this.#resource}${this.#scope}`;
    return this.#isNew.scope ? `]},${this.#scope}` : ",";
  }

  #closePart(): void {
    if (this.#records > 0) this.#parts.push(`${this.#pieces.join("")}]}]}]}`);
    this.#pieces = [];
    this.#partLength = 0;
    this.#records = 0;
  }
}
