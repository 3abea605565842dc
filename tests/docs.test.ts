/**
 * Markdown files: relative links and anchors resolve, every path and npm script that they name exists, and the tables of
 * decisions, packages, commands and variables are complete. Links to other hosts are not requested.
 */
import { globSync, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { DEFAULT_PORTS, toPortVariable, type PortName } from "../stack/lib/ports.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const EXCLUDED_FOLDERS = new Set(["node_modules", ".git", ".edgelog", "dist", "lib", "state"]);

const FENCED_CODE = /^( *)(```|~~~)[\s\S]*?^\1\2 *$/gm;
const INLINE_CODE = /`[^`\n]*`/g;
const LINK = /\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g;
const HEADING = /^#{1,6} +(.+)$/gm;
const NPM_SCRIPT = /\bnpm run (?:--silent )?([a-z][\w:-]*)/g;
/** A path from the root of the repository. Without an extension or a final slash it may be the filter of a test run. */
const ROOT_PATH = /^(?:bench|broker|contract|docs|opensearch|stack|tests|web-client|worker)\/[\w./-]*(?:\.[a-z]+|\/)$/;
/** Written by a build or by the operator. */
const CREATED_LATER = /^(?:web-client\/(?:dist|package\/lib)|broker\/mosquitto\/state)\b/;

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

interface PackageFile {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const readPackage = (): PackageFile => JSON.parse(read("package.json")) as PackageFile;

const readWithoutFences = (path: string): string => readFileSync(path, "utf8").replaceAll(FENCED_CODE, "");

/** The anchor that GitHub gives a heading. */
const toAnchor = (heading: string): string =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");

/** Anchors of a page. A heading that occurs again gets a number. */
const readAnchors = (path: string): ReadonlySet<string> => {
  const counts = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading = ""] of readWithoutFences(path).matchAll(HEADING)) {
    const anchor = toAnchor(heading.trim());
    const count = counts.get(anchor) ?? 0;
    counts.set(anchor, count + 1);
    anchors.add(count === 0 ? anchor : `${anchor}-${count}`);
  }
  return anchors;
};

/** A sentence about the link, or `undefined` if it resolves. */
const findLinkError = async (page: string, link: string): Promise<string | undefined> => {
  const [target = "", anchor] = decodeURI(link).split("#", 2);
  const path = target === "" ? page : join(dirname(page), target);
  if (relative(ROOT, path).startsWith("..")) return `${link} leaves the repository`;
  if (!(await exists(path))) return `${link}: no such file`;
  if (anchor !== undefined && path.endsWith(".md") && !readAnchors(path).has(anchor)) return `${link}: no such heading`;
  return undefined;
};

const pages = globSync("**/*.md", { cwd: ROOT, exclude: (name) => EXCLUDED_FOLDERS.has(name.split("/").at(-1) ?? "") });

describe.each(pages.toSorted())("%s", (name) => {
  const page = join(ROOT, name);

  it("links to files and headings that exist", async () => {
    const text = readWithoutFences(page).replaceAll(INLINE_CODE, "");
    const links = [...text.matchAll(LINK)].map(([, link = ""]) => link).filter((link) => !/^[a-z]+:/i.test(link));
    const errors = await Promise.all(links.map((link) => findLinkError(page, link)));
    expect(errors.filter((error) => error !== undefined)).toEqual([]);
  });

  it("names paths that exist", async () => {
    const code = [...readWithoutFences(page).matchAll(INLINE_CODE)].map(([text]) => text.slice(1, -1));
    const paths = code.filter((text) => ROOT_PATH.test(text) && !CREATED_LATER.test(text));
    const found = await Promise.all(paths.map((path) => exists(join(ROOT, path))));
    expect(paths.filter((_, i) => !found[i])).toEqual([]);
  });

  it("has no conflict markers", () => {
    expect(read(name)).not.toMatch(/^(?:<{7}|>{7}) /m);
  });

  it("names npm scripts that exist", () => {
    const { scripts } = readPackage();
    const names = [...read(name).matchAll(NPM_SCRIPT)].map(([, script = ""]) => script);
    expect(names.filter((script) => !(script in scripts))).toEqual([]);
  });
});

describe("indexes and tables", () => {
  it("docs/decisions/README.md lists every decision", () => {
    const index = read("docs/decisions/README.md");
    const records = globSync("*.md", { cwd: join(ROOT, "docs/decisions") }).filter((name) => /^\d{4}-/.test(name));
    expect(records.length).toBeGreaterThan(0);
    expect(records.filter((name) => !index.includes(`(${name})`))).toEqual([]);
  });

  it("docs/dependencies.md lists every package of package.json, and no other", () => {
    const { dependencies, devDependencies } = readPackage();
    const listed = [...read("docs/dependencies.md").matchAll(/^\| (`.+?`) \|/gm)].flatMap(([, names = ""]) =>
      names.split(", ").map((name) => name.slice(1, -1)),
    );
    expect(listed.toSorted()).toEqual([...Object.keys(dependencies), ...Object.keys(devDependencies)].toSorted());
  });

  it("docs/reference/commands.md lists every npm script", () => {
    const commands = read("docs/reference/commands.md");
    const missing = Object.keys(readPackage().scripts).filter(
      (script) => !new RegExp(`\\bnpm (?:run )?${script}(?![\\w:-])`).test(commands),
    );
    expect(missing).toEqual([]);
  });

  it("docs/reference/configuration.md lists every variable of the relay and port of the stack", () => {
    const relayVariables = [...new Set(read("broker/relay/src/config.ts").match(/\bRELAY_[A-Z_]+\b(?=:|")/g))];
    const configuration = read("docs/reference/configuration.md");
    expect(relayVariables.length).toBeGreaterThan(0);
    expect(relayVariables.filter((name) => !configuration.includes(`\`${name}\``))).toEqual([]);
    const ports = Object.entries(DEFAULT_PORTS) as [PortName, number][];
    const rows = ports.map(([name, port]) => `| \`${toPortVariable(name)}\` | ${port} |`);
    expect(rows.filter((row) => !configuration.includes(row))).toEqual([]);
  });
});
