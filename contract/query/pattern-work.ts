/**
 * How expensive a pattern is for OpenSearch, which converts it to a deterministic automaton before it searches. In `*a????`, each `?`
 * doubles the states: the automaton has to remember which of the last characters were an `a`. Pure.
 */

const STAR = "*";
const ANY = "?";

/** The characters of a pattern; a literal `*` or `?` has its backslash. OpenSearch ignores case in texts. */
const toSymbols = (pattern: string): readonly string[] => pattern.toLowerCase().match(/\\[^]|[^]/gu) ?? [];

/** Adds a position, and those after it that need no further character. */
const addPosition = (positions: Set<number>, symbols: readonly string[], position: number): void => {
  positions.add(position);
  if (symbols[position] === STAR) addPosition(positions, symbols, position + 1);
};

/** The positions in the pattern after one more character: one of the pattern, or `undefined` for all others. */
const step = (positions: ReadonlySet<number>, symbols: readonly string[], character?: string): Set<number> => {
  const next = new Set<number>();
  for (const position of positions) {
    const symbol = symbols[position];
    if (symbol === STAR) addPosition(next, symbols, position);
    else if (symbol !== undefined && (symbol === ANY || symbol === character)) addPosition(next, symbols, position + 1);
  }
  return next;
};

/**
 * Whether the states of the automaton have more than `maxWork` positions in total.
 *
 * @param pattern In OpenSearch's wildcard syntax.
 */
export const isTooMuchWork = (pattern: string, maxWork: number): boolean => {
  const symbols = toSymbols(pattern);
  const start = new Set<number>();
  addPosition(start, symbols, 0);
  const seen = new Set<string>([[...start].join()]);
  let work = 0;
  for (let queue = [start], state = queue.pop(); state !== undefined; state = queue.pop()) {
    work += state.size;
    if (work > maxWork) return true;
    const characters = new Set([...state].map((position) => symbols[position]));
    for (const character of [undefined, ...characters]) {
      if (character === STAR || character === ANY) continue;
      const next = step(state, symbols, character);
      const key = [...next].toSorted((a, b) => a - b).join();
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(next);
    }
  }
  return false;
};
