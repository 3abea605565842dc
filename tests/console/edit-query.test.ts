/** Clicks on values: the query that they result in. */
import { describe, expect, it } from "vitest";
import { hasValue, toggleValue, withoutIncluded } from "../../web-client/console/lib/edit-query.ts";

describe("toggleValue", () => {
  it.each([
    ["", "service", "api", "service:api"],
    ["service:api", "service", "web", "service:api OR service:web"],
    ["service:api OR service:web", "service", "api", "service:web"],
    ["service:api", "service", "api", ""],
    ["checkout service:api", "service", "web", "checkout (service:api OR service:web)"],
    [
      "service:(api OR web) level:error",
      "service",
      "shop app",
      'level:error (service:api OR service:web OR service:"shop app")',
    ],
    ["-service:api", "service", "api", "service:api"],
    ["service:api OR checkout", "service", "web", "(service:api OR checkout) service:web"],
    ["service:a*", "service", "web", "service:a* service:web"],
  ])("includes a value as an alternative to the others: %s + %s:%s", (q, field, value, expected) => {
    expect(toggleValue(q, field, value, "include")).toBe(expected);
  });

  it.each([
    ["", "-service:api"],
    ["service:api OR service:web", "service:web -service:api"],
    ["-service:api", ""],
    ["-service:web", "-service:web -service:api"],
  ])("excludes a value as a separate condition: %s", (q, expected) => {
    expect(toggleValue(q, "service", "api", "exclude")).toBe(expected);
  });
});

it("hasValue recognises each alternative", () => {
  const q = "checkout service:(api OR web) -level:debug";
  expect(hasValue(q, "service", "api", "include")).toBe(true);
  expect(hasValue(q, "service", "web", "include")).toBe(true);
  expect(hasValue(q, "service", "shop", "include")).toBe(false);
  expect(hasValue(q, "level", "debug", "exclude")).toBe(true);
});

it("withoutIncluded removes the values of one field only", () => {
  expect(withoutIncluded("checkout service:(api OR web) -service:x level:error", "service")).toBe(
    "checkout -service:x level:error",
  );
  expect(withoutIncluded("service:api", "service")).toBe("");
  expect(withoutIncluded('a  "b"', "service")).toBe('a  "b"');
});
