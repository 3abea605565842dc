import { expect, it } from "vitest";
import { visibleText } from "../../web-client/shared/visible-text.ts";

it.each([
  ["markup unchanged", "<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"],
  ["terminal escapes", "\u001b[31mred\u001b[0m\u0007", "⟨ESC⟩[31mred⟨ESC⟩[0m⟨BEL⟩"],
  ["bidirectional controls", "invoice\u202Efdp.exe\u2066x\u2069", "invoice⟨U+202E⟩fdp.exe⟨U+2066⟩x⟨U+2069⟩"],
  ["zero-width characters", "pass\u200bword\ufeff\u{e0041}", "pass⟨U+200B⟩word⟨U+FEFF⟩⟨U+E0041⟩"],
  ["a carriage return", "real\rfake", "real⟨CR⟩fake"],
  ["line feeds, tabs, other scripts and joined emoji unchanged", "a\n\tb مرحبا 👩‍🚀", "a\n\tb مرحبا 👩‍🚀"],
])("shows %s", (_note, text, shown) => {
  expect(visibleText(text)).toBe(shown);
});

it("clips long text without splitting a character", () => {
  expect(visibleText("😀😀", 3)).toBe("😀\ufffd…");
  expect(visibleText("abc", 3)).toBe("abc");
});
