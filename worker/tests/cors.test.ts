/**
 * CORS of `POST /logs`. `sendBeacon` sends its request with credentials.
 */
import { Hono } from "hono";
import { expect, it } from "vitest";
import { appCors } from "../src/access/app-cors.ts";

const app = new Hono();
app.use("/logs", appCors);
app.post("/logs", (c) => c.text("stored"));

const ORIGIN = "https://shop.example";

it("a preflight with credentials allows the page's origin and the headers of a JSON body", async () => {
  const headers = {
    Origin: ORIGIN,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type",
  };
  const response = await app.request("/logs", { method: "OPTIONS", headers });
  expect(response.status).toBe(204);
  expect(response.headers.get("Access-Control-Allow-Origin")).toBe(ORIGIN);
  expect(response.headers.get("Access-Control-Allow-Credentials")).toBe("true");
  expect(response.headers.get("Access-Control-Allow-Headers")).toMatch(/content-type/i);
  expect(response.headers.get("Vary")).toContain("Origin");
});

it.each([
  [ORIGIN, ORIGIN],
  ["null", "null"],
  [undefined, "*"],
])("the response to a request from %s allows %s", async (origin, allowed) => {
  const headers: Record<string, string> = origin === undefined ? {} : { Origin: origin };
  const response = await app.request("/logs", { method: "POST", headers });
  expect(response.headers.get("Access-Control-Allow-Origin")).toBe(allowed);
  expect(response.headers.get("Vary")).toBe("Origin");
});
