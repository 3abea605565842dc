import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseEvents, UnreadableEvent } from "#contract/check/split-json.ts";

const deep = (levels: number): string => `{"body":"deep","attributes":${'{"a":'.repeat(levels)}1${"}".repeat(levels)}}`;

const eventsOf = (text: string): readonly unknown[] => {
  const parsed = parseEvents(text);
  const value = parsed?.ok === true ? parsed.value : undefined;
  return Array.isArray(value) ? value : ((value as { readonly events: readonly unknown[] } | undefined)?.events ?? []);
};

describe("parseEvents", () => {
  it.each([
    ["a list", (events: string) => `[${events}]`],
    ["a batch", (events: string) => ` {"v":1,"events":[${events}],"attributes":{"events":[1]}} `.trim()],
    [
      "a batch whose events are last",
      (events: string) => `{"v":1, "resource":{"a,]":"}"} , "events" : [ ${events} ] }`,
    ],
  ])("replaces only the deep event of %s", (_, wrap) => {
    const raw = deep(40);
    const [first, second, third, ...rest] = eventsOf(wrap(`{"body":"a [,]"},${raw}, {"body":"c"}`));
    expect([first, third, rest]).toEqual([{ body: "a [,]" }, { body: "c" }, []]);
    expect(second).toEqual(new UnreadableEvent({ reason: "too_deep", message: expect.any(String), limit: 32 }, raw));
  });

  it.each(["", "{", "[1", `{"v":1,"resource":${deep(40)},"events":[1]}`, `{"v":1}`, "[1] 2"])(
    "returns undefined for %j",
    (text) => {
      expect(parseEvents(text)).toBeUndefined();
    },
  );

  it("parses any list like JSON.parse", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ noUnicodeString: false })), fc.integer({ min: 0, max: 2 }), (list, space) => {
        const json = JSON.stringify(list, null, space);
        expect(JSON.stringify(eventsOf(json))).toBe(JSON.stringify(JSON.parse(json)));
      }),
    );
  });
});
