/**
 * `GET /openapi.json` and `GET /docs`: the API description as OpenAPI 3.1 and as an HTML page.
 */
import document from "../openapi/openapi.json" with { type: "json" };
import { DOCS_STYLE, toDocsPage, type ApiDocument } from "../openapi/to-docs-page.ts";

const CACHE = "public, max-age=300";

export const getOpenApi = (): Response => Response.json(document, { headers: { "Cache-Control": CACHE } });

/** The page has one style sheet, which the policy allows by its hash, and no scripts. */
export const getDocs = async (): Promise<Response> => {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(DOCS_STYLE));
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return new Response(await toDocsPage(document as unknown as ApiDocument), {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": CACHE,
      "Content-Security-Policy": `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
      "X-Content-Type-Options": "nosniff",
    },
  });
};
