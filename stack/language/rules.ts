/**
 * The wording rules of `npm run check:language`. A rule matches a habit that makes readers stop, and suggests what to
 * write instead. Rules for prose apply to comments, strings, JSX text and Markdown; rules for names apply to
 * identifiers and file names, split into their words.
 */

export interface Rule {
  /** Must have the `g` and `i` flags. Prose is matched one sentence at a time; names as words joined by single spaces. */
  readonly pattern: RegExp;
  readonly advice: string;
}

/** Components, which send, report, store and query. They do not speak or think. */
const COMPONENTS =
  "apps?|brokers?|browsers?|clients?|clusters?|consoles?|mosquitto|opensearch|pages?|relays?|requests?|servers?|stores?|tabs?|workers?";

export const PROSE_RULES: readonly Rule[] = [
  {
    pattern: /^(?:who|what|whoever|whatever)\b(?!.*\?$)(?! (?:happens|to|changed|next)\b)/gi,
    advice: "Start with the subject, not with a relative clause.",
  },
  {
    pattern: /\b(?<!\bthere )(?:is|are|was|were|be) (?:none|nobody|nothing)\b/gi,
    advice: 'Write "invalid", "not a …" or "has no …".',
  },
  {
    pattern:
      /\b(?<!\b(?:there|this|it|that) )(?:is|are|was|were) no (?!longer\b|more\b|less\b|fewer\b|greater\b|later\b)/gi,
    advice: 'Write "is not a …" or "invalid".',
  },
  {
    pattern: /\b(?:has|have|had|gives?|finds?|needs?|makes?|names?|brings?|holds?|takes?) none\b/gi,
    advice: "Name what is missing.",
  },
  {
    pattern:
      /\b(?:keeps?|kept|takes?|took|sends?|sent|stores?|stored|reads?|refuses?|drops?|dropped|holds?|gives?|says?|counts?|shows?|loses?|lost|finds?|found|writes?|forgets?|leaves?|knows?|of|for|to|from|with) what (?:is|was|are|were|it|they|has|had|have|comes?|came|can|cannot|could|must|may)\b/gi,
    advice: 'Name the object instead of "what …".',
  },
  {
    pattern:
      /\b(?:so many|so long|anew|afresh|for ever|at the most|at the least|lest|ought|till|whilst|hitherto|thereof|in vain)\b/gi,
    advice: 'Write "this many", "as long", "again", "forever", "at most", "at least".',
  },
  { pattern: /\bof (?:its|their|our|your|his|one's) own\b/gi, advice: 'Write "its own …" or "a separate …".' },
  { pattern: /\bby (?:itself|themselves)\b/gi, advice: 'Write "automatically", "alone" or "separately".' },
  {
    pattern: /\b(?:(?:is|are|was|were) (?:not )?to be (?:had|told|found|kept)|can(?:'t|not) be had|is had)\b/gi,
    advice: 'Write "is unavailable" or "must be …".',
  },
  { pattern: /\b(?:is|are|as) dear\b/gi, advice: 'Write "expensive".' },
  {
    pattern: new RegExp(
      String.raw`\b(?:${COMPONENTS}) (?:says?|said|tells?|told|hears?|heard|asks?|asked|knows?|knew|answers?|answered|wants?|wanted)\b`,
      "gi",
    ),
    advice: "Machines send, report, receive, request, respond and store.",
  },
  {
    pattern: new RegExp(
      String.raw`\b(?:${COMPONENTS}|connections?|loggers?|owners?|holders?|services?) (?:lives?|lived|dies|died)\b`,
      "gi",
    ),
    advice: "Processes run and exit; pages, tabs and connections are open or closed.",
  },
  {
    pattern:
      /\b(?:pages?|tabs?) (?:goes|went)\b(?! (?:away|back|offline|online|to)\b)|\b(?:is|are|was|were) (?:gone|deaf)\b/gi,
    advice: 'Write "goes away", "is closed", "has exited" or "ignores".',
  },
  { pattern: /\b(?:beside|alike)\b/gi, advice: 'Write "next to", "in addition to", "outside of" or "equally".' },
  {
    pattern:
      /\b(?:(?:hands?|handed) (?:on|out)|(?:tells?|told) apart|as an? \w+ would|worth it|there (?:is|was) room)\b/gi,
    advice: 'Write "passes", "returns", "distinguishes", "like a …", "large enough" or "there is space".',
  },
  {
    pattern:
      /\b(?:stands? (?:in|on|beside|behind|for itself)|holds? for|goes on as|(?:does|do|done|go|goes) without|gives? leave|give notice|nobody's|(?:his|her|their|its) affair)\b/gi,
    advice: "Use the plain verb: is in, applies to, continues, works without, allows.",
  },
  {
    pattern:
      /\b(?:nap|naps|bury|buried|buries|courier|couriers|carrier|carriers|parcel|parcels|patience|trouble|mend|mends|mended|mending|moment of|closest company)\b/gi,
    advice: "Use the technical term: sleep, discard, sender, transport, batch, backoff, error, fix.",
  },
  {
    pattern: /\b(?:comes? again|came again|sent in again|hands? in|handed in)\b/gi,
    advice: 'Write "is sent again" or "is resent".',
  },
  { pattern: /\bwho (?:does|do|did) not\b/gi, advice: "Name the person or the component." },
];

export const NAME_RULES: readonly Rule[] = [
  {
    pattern:
      /\b(?:nap|bury|buried|courier|carrier|parcel|patience|trouble|fate|foreign|endings?|told|outflow|companies|gather|ask|heard|moment|said|deaf|lives)\b/gi,
    advice: "Use the field's term: sleep, discard, sender, transport, backoff, outcome, external, time, request.",
  },
];

/** Correct text that a rule matches, with the reason why it is correct. */
export const ALLOWED: readonly { readonly text: string; readonly reason: string }[] = [];
