/**
 * Renders the API description as one HTML page without scripts and external resources.
 */
import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly example?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
}

interface Content {
  readonly [mediaType: string]: { readonly schema?: Schema };
}

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: { readonly content?: Content };
  readonly responses?: Readonly<Record<string, { readonly description?: string; readonly content?: Content }>>;
}

export interface ApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas?: Readonly<Record<string, Schema>> };
}

export const DOCS_STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d8dee6, #333c48); --soft: light-dark(#f3f5f8, #1b2129); --accent: light-dark(#0b5cad, #79b8ff); }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; background: light-dark(#fff, #12161c); color: light-dark(#1b2129, #e4e9f0); }
h1 { margin: 0 } h2 { margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line) } h3 { margin: 0; font-size: 1rem; display: inline }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere } a { color: var(--accent) }
nav { display: flex; flex-wrap: wrap; gap: .3rem 1rem; margin: 1rem 0 }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .6rem 0; padding: 0 1rem } details[open] { padding-bottom: 1rem }
summary { cursor: pointer; padding: .7rem 0 } summary b { color: var(--accent); display: inline-block; min-width: 4rem }
table { border-collapse: collapse; width: 100%; margin: .3rem 0 } td, th { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-top: 1px solid var(--line) }
th { font-weight: 600; font-size: .85rem } td:first-child { white-space: nowrap } ul { margin: .2rem 0; padding-left: 1.2rem } h4 { margin: 1rem 0 .2rem }
.quiet { opacity: .75 } .scroll { overflow-x: auto; background: var(--soft); border-radius: .4rem; padding: .4rem .8rem }
`;

const MAX_DEPTH = 6;

/** Descriptions mark code with backticks, as Markdown does. */
const renderText = (text: string): Html =>
  html`${text.split("`").map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`;

const describeType = ({ $ref, type, format, enum: values, const: only, anyOf, items }: Schema): string => {
  if ($ref !== undefined) return $ref.slice($ref.lastIndexOf("/") + 1);
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(" | ");
  if (only !== undefined) return JSON.stringify(only);
  if (anyOf !== undefined) return [...new Set(anyOf.map(describeType))].join(" | ");
  if (type === "array") return `list of ${items === undefined ? "anything" : describeType(items)}`;
  return format === undefined ? (type ?? "anything") : `${type ?? "string"} (${format})`;
};

const toItemSchema = (schema: Schema): Schema =>
  schema.type === "array" && schema.items !== undefined ? toItemSchema(schema.items) : schema;

const renderSchema = (schema: Schema, document: ApiDocument, depth = 0): Html => {
  const inner = toItemSchema(schema);
  const name = inner.$ref?.slice(inner.$ref.lastIndexOf("/") + 1);
  const { properties, required = [] } = (name === undefined ? inner : document.components.schemas?.[name]) ?? inner;
  if (properties === undefined || depth > MAX_DEPTH) return html``;
  return html`<ul>
    ${Object.entries(properties).map(
      ([key, value]) =>
        html`<li>
          <code>${key}${required.includes(key) ? "" : "?"}</code> <span class="quiet">${describeType(value)}</span>
          ${renderText(value.description ?? "")} ${renderSchema(value, document, depth + 1)}
        </li>`,
    )}
  </ul>`;
};

const renderContent = (content: Content | undefined, document: ApiDocument): Html =>
  html`${Object.entries(content ?? {}).map(
    ([mediaType, { schema = {} }]) =>
      html`<div class="scroll">
        <code>${mediaType}</code> <span class="quiet">${describeType(schema)}</span>${renderSchema(schema, document)}
      </div>`,
  )}`;

const renderParameters = ({ parameters = [] }: Operation): Html => {
  if (parameters.length === 0) return html``;
  const rows = parameters.map(({ name, in: location, required, description, schema = {} }) => {
    const fallback =
      schema.default === undefined || schema.default === "" ? "" : ` Default: ${JSON.stringify(schema.default)}.`;
    return html`<tr>
      <td><code>${name}</code></td>
      <td class="quiet">
        ${location === "path" ? "path, " : ""}${required === true ? "required, " : ""}${describeType(schema)}
      </td>
      <td>${renderText(description ?? schema.description ?? "")}${fallback}</td>
    </tr>`;
  });
  return html`<h4>Parameters</h4>
    <table>
      <tr>
        <th>Name</th>
        <th>Type</th>
        <th>Description</th>
      </tr>
      ${rows}
    </table>`;
};

const renderOperation = (path: string, method: string, operation: Operation, document: ApiDocument): Html => {
  const { summary = "", security = [], requestBody, responses = {} } = operation;
  const schemes = security.flatMap((scheme) => Object.keys(scheme)).join(" or ");
  const responseRows = Object.entries(responses).map(
    ([status, { description = "", content }]) =>
      html`<tr>
        <td><code>${status}</code></td>
        <td>${renderText(description)} ${status.startsWith("2") ? renderContent(content, document) : ""}</td>
      </tr>`,
  );
  return html`<details>
    <summary>
      <b>${method.toUpperCase()}</b>
      <h3><code>${path}</code></h3>
      <span class="quiet">${renderText(summary)}</span>
    </summary>
    ${schemes === "" ? "" : html`<p class="quiet">Authorization: ${schemes}</p>`} ${renderParameters(operation)}
    ${
      requestBody === undefined
        ? ""
        : html`<h4>Body</h4>
            ${renderContent(requestBody.content, document)}`
    }
    <h4>Responses</h4>
    <table>
      ${responseRows}
    </table>
  </details>`;
};

/** Returns the HTML of the page. All text of the description is escaped. */
export const toDocsPage = async (document: ApiDocument): Promise<string> => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags ?? []))];
  const { title, version, description = "" } = document.info;
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title} API</title>
        ${raw(`<style>${DOCS_STYLE}</style>`)}
      </head>
      <body>
        <h1>${title} API</h1>
        <p>${renderText(description)} Version ${version}. As OpenAPI: <a href="/openapi.json">openapi.json</a></p>
        <nav>${tags.map((tag) => html`<a href="#${tag}">${tag}</a>`)}</nav>
        ${tags.map(
          (tag) =>
            html`<h2 id="${tag}">${tag}</h2>
              ${operations
                .filter(({ operation }) => operation.tags?.includes(tag) === true)
                .map(({ path, method, operation }) => renderOperation(path, method, operation, document))}`,
        )}
      </body>
    </html>`;
  return String(page);
};
