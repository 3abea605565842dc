/**
 * `GET /openapi.json` and `GET /docs`: the API described, for programs and for people.
 */
import document from "../openapi/openapi.json" with { type: "json" };
import { DOCS_STYLE, toDocsPage, type ApiDocument } from "../openapi/to-docs-page.ts";

const CACHE = "public, max-age=300";

export const getOpenApi = (): Response => Response.json(document, { headers: { "Cache-Control": CACHE } });

/** The page has one style and no script: the policy lets in that style by its hash, and nothing else. */
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
