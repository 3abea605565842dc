/** The table of mutations matches the code. `npm run abuse:mutations` runs it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT_DIR } from "../../stack/lib/state-dir.ts";
import { ATTACKS } from "./attacks/all-attacks.ts";
import { MUTATIONS } from "./mutation-table.ts";
import { mutate } from "./mutations.ts";

describe("a mutation", () => {
  it.each(MUTATIONS.map((mutation) => [mutation.bound, mutation] as const))(
    "of %s changes its file and belongs to one attack",
    async (_, mutation) => {
      const source = await readFile(join(ROOT_DIR, mutation.file), "utf8");
      expect(mutate(source, mutation)).not.toBe(source);
      const rows = ATTACKS.filter(({ name }) => name.includes(mutation.row));
      expect(rows).toHaveLength(1);
      expect(rows.filter(({ isShort }) => mutation.isShort === true && isShort !== true)).toEqual([]);
    },
  );

  it("fails if its pattern is missing or occurs twice", () => {
    const mutation = { bound: "b", file: "f.ts", from: "LIMIT = 1", to: "LIMIT = 2", row: "r" };
    expect(mutate("LIMIT = 1;", mutation)).toBe("LIMIT = 2;");
    expect(() => mutate("LIMIT = 3;", mutation)).toThrow("f.ts contains the pattern 0 times");
    expect(() => mutate("LIMIT = 1; LIMIT = 1;", mutation)).toThrow("2 times");
  });
});
