/**
 * Reads the fixtures: valid and invalid payloads with the expected result, independent of a programming language.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { RejectedEvent } from "#contract/wire/receipt.ts";

interface Fixture {
  readonly name: string;
  readonly description: string;
  readonly bytes: Uint8Array;
}

/** Each document has at least these fields. */
export interface ValidFixture extends Fixture {
  readonly documents: readonly Readonly<Record<string, unknown>>[];
}

export interface InvalidFixture extends Fixture {
  readonly rejected: readonly Partial<RejectedEvent>[];
}

const toBytes = (raw: { payload?: unknown; text?: string; base64?: string }): Uint8Array => {
  if (raw.base64 !== undefined) return Buffer.from(raw.base64, "base64");
  return new TextEncoder().encode(raw.text ?? JSON.stringify(raw.payload));
};

const readFixtures = (kind: "valid" | "invalid"): readonly unknown[] => {
  const folder = new URL(`../fixtures/${kind}/`, import.meta.url);
  return readdirSync(folder).map((file) => {
    const raw = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
    return { ...raw, name: file.replace(".json", ""), bytes: toBytes(raw) };
  });
};

export const validFixtures = readFixtures("valid") as readonly ValidFixture[];
export const invalidFixtures = readFixtures("invalid") as readonly InvalidFixture[];
