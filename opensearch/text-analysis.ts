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

/**
 * Words that one match can handle, the most frequent kinds first. Most words have no parts. A group that captures the whole
 * word has no effect. `pattern_capture` visits each group of the pattern for each word, so there are few.
 */
const SIMPLE_WORDS = [
  // `payment`, `findOne` and `order17`
  "([A-Z]?[a-z]+)(?:$|([A-Z][a-z]+|[0-9]+)$)",
  // `17` and `500ms`
  "([0-9]+)(?:$|([a-z]+)$)",
  // `GET`, words with accents or in other alphabets, and Chinese
  "[A-Z]+$",
  String.raw`\p{Lu}?\p{Ll}++$`,
  String.raw`\p{Lo}++$`,
];

/** One part of any word: an acronym, or a word with or without a capital letter. */
const PART = String.raw`(?:\p{Lu}+(?!\p{Ll})\p{Nd}*+|\p{Lu}?[\p{Ll}\p{Nd}]++)`;

/** Such a part after another one. */
const LATER_PART = String.raw`(?:\p{Lu}+\p{Nd}*+|\p{Lu}[\p{Ll}\p{Nd}]++)`;

/**
 * All other words, one part after the other: `SSL`, `Handshake` and `Exception`. The first match also captures all parts but
 * the last one, and letters before or after digits, as in `SKU42`. Words with several groups of digits are ids and hashes.
 * Each match captures the rest of the word, if it has several parts: `HandshakeException`.
 */
const OTHER_WORDS = [
  String.raw`(?:^(?=(?!${PART}{1,2}$)(.+?)${LATER_PART}$|)`,
  String.raw`(?=(\p{L}++(?=\p{Nd}++$)|\p{Nd}++(?=\p{L}++$))(.++)|)|\G(?!^))`,
  String.raw`[^\p{Lu}\p{Ll}\p{Nd}]*+`,
  `(${PART})`,
  String.raw`(?=(?!${LATER_PART}$)(\p{Lu}.++)|)`,
].join("");

const WORD_PARTS = `^(?:${SIMPLE_WORDS.join("|")})|${OTHER_WORDS}`;

/** Splits names before upper-case letters. Much faster than `pattern_capture`. */
const CASE_CHANGES = {
  type: "word_delimiter_graph",
  split_on_case_change: true,
  split_on_numerics: false,
  stem_english_possessive: false,
} as const;

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
    /** Parts after the whole name, one position each. */
    edgelog_name_and_parts: { ...CASE_CHANGES, preserve_original: true },
    edgelog_name_parts: CASE_CHANGES,
    edgelog_word_parts: {
      type: "pattern_capture",
      preserve_original: true,
      patterns: [WORD_PARTS],
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
    /**
     * Stack traces have more names than all other texts. Their parts are words in a row, in the index and in the query, which
     * is cheaper, but only matches phrases that have the upper-case letters of the stack trace.
     */
    edgelog_stacktrace: {
      type: "custom",
      char_filter: CHARACTER_FILTERS,
      tokenizer: "standard",
      filter: ["edgelog_name_and_parts", ...TOKEN_FILTERS],
    },
    edgelog_stacktrace_search: {
      type: "custom",
      char_filter: CHARACTER_FILTERS,
      tokenizer: "standard",
      filter: ["edgelog_name_parts", ...TOKEN_FILTERS],
    },
  },
} as const;

/** The mapping of a field with these analyzers. Logs are sorted by time, so there are no norms, which serve scores only. */
export const ANALYZED_TEXT = {
  type: "text",
  norms: false,
  analyzer: "edgelog_text",
  search_analyzer: "edgelog_text_search",
} as const;

export const ANALYZED_STACKTRACE = {
  ...ANALYZED_TEXT,
  analyzer: "edgelog_stacktrace",
  search_analyzer: "edgelog_stacktrace_search",
} as const;
