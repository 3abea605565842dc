/**
 * The file `_headers` of the pages, which Cloudflare reads too: a line with a path, which may end in `*`, followed by
 * indented headers. If several paths match, values of the same header are joined with commas.
 */
interface HeaderRule {
  readonly path: string;
  readonly headers: [name: string, value: string][];
}

export const parseHeaderRules = (text: string): readonly HeaderRule[] => {
  const rules: HeaderRule[] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
    if (!/^\s/.test(line)) {
      rules.push({ path: line.trim(), headers: [] });
      continue;
    }
    const colon = line.indexOf(":");
    const rule = rules.at(-1);
    if (colon < 0 || rule === undefined) throw new Error(`Malformed line in _headers: ${line.trim()}`);
    rule.headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }
  return rules;
};

const isMatch = (rule: string, path: string): boolean =>
  rule.endsWith("*") ? path.startsWith(rule.slice(0, -1)) : path === rule;

/** The headers of a path. */
export const toPageHeaders = (rules: readonly HeaderRule[], path: string): Headers => {
  const headers = new Headers();
  for (const rule of rules.filter(({ path: pattern }) => isMatch(pattern, path))) {
    for (const [name, value] of rule.headers) headers.append(name, value);
  }
  return headers;
};
