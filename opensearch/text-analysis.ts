/**
 * The analyzers of messages, exceptions and stack traces. A word is found by its whole name and by its parts: the parts
 * between dots, colons, slashes, underscores and hyphens are words in a row, so that a phrase finds the whole name. The parts
 * of `camelCase` and of letters with digits have the same position as their word, so that phrases are not changed by them.
 *
 * Only filters of OpenSearch's module analysis-common are used, which is part of each distribution. See decision 25.
 */

/** Escape sequences of terminals: colours and cursor movements (ECMA-48, 5.4). */
const ESCAPE_SEQUENCE = "\\u001b\\[[0-9;:?]{0,64}[@-~]";

/** UAX #29 does not split words at these characters. The replacements have the same length, which keeps offsets exact. */
const SEPARATORS = [".", ":", "_", "'", "\u2019", "\u00b7"];

/** Combining accents. They are removed, as `asciifolding` removes those of composed characters. */
const COMBINING_MARKS = Array.from({ length: 0x70 }, (_, i) => 0x300 + i);

/** Letters with two lower-case forms, or that are often written without their mark. */
const LETTERS = { "\u03c2": "\u03c3", "\u0451": "\u0435", "\u0401": "\u0415" } as const;

const toEscape = (code: number): string => `\\u${code.toString(16).padStart(4, "0")}`;

/** Most words and numbers have no parts. Both patterns match them first, without a group, which takes a third off the time. */
const WITHOUT_PARTS = String.raw`^[A-Z]?[a-z]++$|^[0-9]++$`;

/**
 * The parts of a word, one after the other: `SSL`, `Handshake` and `Exception`. The first part also captures all parts but
 * the last one, and each part captures the rest of the word: `HandshakeException`. Possessive quantifiers and a single
 * pattern bound the time.
 */
const CAMEL_CASE = [
  `${WITHOUT_PARTS}|`,
  String.raw`(?:^(?=((?:\p{Lu}*+[\p{Ll}\p{Nd}]++){2,})\p{Lu}++[\p{Ll}\p{Nd}]*+$))?+`,
  String.raw`(\p{Lu}+(?!\p{Ll})\p{Nd}*+|\p{Lu}?[\p{Ll}\p{Nd}]++)`,
  String.raw`(?=(\p{Lu}++[\p{Ll}\p{Nd}]++\p{Lu}.*+|\p{Lu}[\p{Ll}\p{Nd}]++\p{Lu}.*+)?+)`,
].join("");

/** `order17` and `500ms`. Words with several groups of digits are ids and hashes, which have no parts. */
const LETTERS_AND_DIGITS = String.raw`${WITHOUT_PARTS}|^(?:(\p{L}++)(\p{Nd}++)|(\p{Nd}++)(\p{L}++))$`;

const CHARACTER_FILTERS = ["edgelog_escape_sequences", "edgelog_characters"];
const TOKEN_FILTERS = ["lowercase", "asciifolding", "cjk_width"];

/** The member `analysis` of an index's settings. */
export const TEXT_ANALYSIS = {
  char_filter: {
    edgelog_escape_sequences: { type: "pattern_replace", pattern: ESCAPE_SEQUENCE, replacement: " " },
    edgelog_characters: {
      type: "mapping",
      mappings: [
        ...SEPARATORS.map((separator) => `${separator} => \\u0020`),
        ...COMBINING_MARKS.map((mark) => `${toEscape(mark)} => `),
        ...Object.entries(LETTERS).map(([letter, replacement]) => `${letter} => ${replacement}`),
      ],
    },
  },
  filter: {
    edgelog_word_parts: {
      type: "pattern_capture",
      preserve_original: true,
      patterns: [CAMEL_CASE, LETTERS_AND_DIGITS],
    },
  },
  analyzer: {
    edgelog_text: {
      type: "custom",
      char_filter: CHARACTER_FILTERS,
      tokenizer: "standard",
      filter: ["edgelog_word_parts", ...TOKEN_FILTERS],
    },
    /** A query is not split into parts: `findOne` must not find each `find`. */
    edgelog_text_search: {
      type: "custom",
      char_filter: CHARACTER_FILTERS,
      tokenizer: "standard",
      filter: TOKEN_FILTERS,
    },
  },
} as const;

/** The mapping of a field with these analyzers. */
export const ANALYZED_TEXT = {
  type: "text",
  analyzer: "edgelog_text",
  search_analyzer: "edgelog_text_search",
} as const;
