import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import document from "../src/openapi/openapi.json" with { type: "json" };
import { toDocsPage, type ApiDocument } from "../src/openapi/to-docs-page.ts";
import { BULK_ROUTES } from "../src/routes/elasticsearch-paths.ts";
import { INTAKE_ROUTES, SPLUNK_HEALTH_PATHS } from "../src/routes/intake-routes.ts";
import { getDocs } from "../src/routes/docs.ts";

/** Internal routes that the API description omits. */
const INTERNAL = new Set(["get /demo/config.json"]);

describe("the API description", () => {
  it("has exactly the routes of the Worker", async () => {
    const source = await readFile(new URL("../src/app.ts", import.meta.url), "utf8");
    const literal = [...source.matchAll(/app\.(get|post|put|delete)\("([^"]+)"/g)];
    const intakes = INTAKE_ROUTES.flatMap(({ paths }) => paths.map((path) => ["post", path] as const));
    const health = SPLUNK_HEALTH_PATHS.map((path) => ["get", path] as const);
    const own = literal.map(([, method = "", path = ""]) => [method, path] as const);
    const routes = [...own, ...BULK_ROUTES, ...intakes, ...health]
      .map(([method, path]) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`)
      .filter((route) => !INTERNAL.has(route));
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(described.toSorted()).toEqual([...new Set(routes)].toSorted());
  });

  it.each([
    ["post", "/logs", "413", ["application/json", "application/problem+json"]],
    ["post", "/logs", "503", ["application/json", "application/problem+json"]],
    ["post", "/relay", "400", ["application/problem+json"]],
    ["post", "/relay", "409", ["application/problem+json"]],
    ["post", "/relay", "413", ["application/problem+json"]],
    ["get", "/context", "404", ["application/problem+json"]],
    ["put", "/alerts/{id}", "404", ["application/problem+json"]],
    ["delete", "/alerts/{id}", "404", ["application/problem+json"]],
    ["delete", "/alerts/{id}", "409", ["application/problem+json"]],
    ["post", "/alerts/{id}/test", "404", ["application/problem+json"]],
  ])("describes the bodies of %s %s with status %s", (method, path, status, types) => {
    type Responses = Readonly<Record<string, { readonly content?: object }>>;
    const paths = document.paths as Readonly<Record<string, Readonly<Record<string, { responses: Responses }>>>>;
    expect(Object.keys(paths[path]?.[method]?.responses[status]?.content ?? {})).toEqual(types);
  });

  it("is a page without scripts and external resources", async () => {
    const response = await getDocs();
    const page = await response.text();
    expect(page).not.toMatch(/<script|<img|<link|\son\w+=|style="/i);
    expect(page).toContain("Subprotocol <code>mqtt</code>");
    expect(page).not.toContain("`");
    const policy = response.headers.get("Content-Security-Policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    const style = /<style>([^]*?)<\/style>/.exec(page)?.[1] ?? "";
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
    expect(policy).toContain(Buffer.from(digest).toString("base64"));
  });

  it("is a page that escapes all text", async () => {
    const text = "<script>x</script> `<script>`";
    const hostile = {
      info: { title: text, version: "1", description: text },
      paths: {},
      components: {},
    } as ApiDocument;
    expect(await toDocsPage(hostile)).not.toContain("<script>");
  });
});
