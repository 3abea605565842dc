import { describe, expect, it } from "vitest";
import { FACETS, OVERVIEW_FACETS } from "#contract/api/facets.ts";
import { findField } from "#contract/query/fields.ts";
import { MAX_FACET_FIELDS } from "#contract/wire/limits.ts";

describe("FACETS", () => {
  it.each(FACETS)("$name is the name of a field with countable values", ({ name }) => {
    expect(findField(name)).toMatchObject({ name, kind: expect.stringMatching(/^(?:level|keyword|number)$/) });
  });

  it("names each facet once", () => {
    expect(new Set(FACETS.map(({ name }) => name)).size).toBe(FACETS.length);
  });

  it("has few enough facets in each list for one request", () => {
    expect(OVERVIEW_FACETS.length).toBeLessThanOrEqual(MAX_FACET_FIELDS);
    expect(FACETS.filter(({ sidebar }) => sidebar !== undefined).length).toBeLessThanOrEqual(MAX_FACET_FIELDS);
  });
});
