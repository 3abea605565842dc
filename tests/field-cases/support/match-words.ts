/** Words and patterns as QUERY.md describes them, for the second implementation of the query language. Shares no code with the product. */

const fold = (text: string): string =>
  text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase().replaceAll("ß", "ss");

/** The parts of a compound such as `getUserOrders`. */
const toParts = (word: string): readonly string[] =>
  word.match(/\p{Lu}+(?!\p{Ll})\p{Nd}*|\p{Lu}?[\p{Ll}\p{Nd}]+/gu) ?? [word];

/** A word, and all forms by which it is found: each part, and parts that follow each other. */
const toForms = (word: string): ReadonlySet<string> => {
  const forms = new Set([fold(word)]);
  const digits = /^(\p{L}+)(\p{Nd}+)$/u.exec(word) ?? /^(\p{Nd}+)(\p{L}+)$/u.exec(word);
  for (const part of digits?.slice(1) ?? []) forms.add(fold(part));
  const parts = toParts(word);
  for (let start = 0; start < parts.length; start += 1) {
    for (let end = start + 1; end <= parts.length; end += 1) forms.add(fold(parts.slice(start, end).join("")));
  }
  return forms;
};

const toWords = (text: string): readonly string[] => text.normalize("NFC").match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];

/** Whether the words of `phrase` follow each other in `text`. */
export const hasPhrase = (text: string, phrase: string): boolean => {
  const wanted = toWords(phrase).map(fold);
  const words = toWords(text).map(toForms);
  if (wanted.length === 0) return false;
  return words.some((_, at) => wanted.every((word, i) => words[at + i]?.has(word) === true));
};

/** `*` matches any text, `?` one character. A backslash makes them literal. */
export const toPattern = (raw: string, flags: string): RegExp => {
  let source = "";
  for (let i = 0; i < raw.length; i += 1) {
    const character = raw.charAt(i);
    if (character === "\\") {
      const escaped = raw.charAt((i += 1));
      source += /[\p{L}\p{N}\s"-]/u.test(escaped) ? escaped : `\\${escaped}`;
    } else if (character === "*") source += "[^]*";
    else if (character === "?") source += "[^]";
    else source += character.replace(/[.+^${}()|[\]/\\]/, "\\$&");
  }
  return new RegExp(`^${source}$`, `u${flags}`);
};

export const hasWordLike = (text: string, raw: string): boolean => {
  const pattern = toPattern(raw, "i");
  return toWords(text).some((word) => [...toForms(word)].some((form) => pattern.test(form)));
};
