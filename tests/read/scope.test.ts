/**
 * A reader of app A reaches nothing of app B, by any route. New read routes are added to the table.
 */
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AlertRule } from "#contract/api/alerts.ts";
import type { SearchResponse } from "#contract/api/search.ts";
import openApi from "../../worker/src/openapi/openapi.json" with { type: "json" };
import { startReadStack, type ReadStack } from "../support/read-stack.ts";

/** Stands in everything that app B has. */
const SECRET = "sesame";
const ID_OF_B = uuidv7();

let line: ReadStack;
let cursorOfB = "";
let alertOfB: AlertRule;
beforeAll(async () => {
  line = await startReadStack({
    readers: {
      a: { apps: ["app-a"], canAlert: true },
      b: { apps: ["app-b"], canAlert: true },
      both: { apps: ["app-a", "app-b"] },
    },
  });
  await line.store("app-a", {
    body: "mine",
    severity: "error",
    attributes: { "session.id": "shared", "user.id": "u-a" },
  });
  const own = { [SECRET]: SECRET, [`${SECRET}.number`]: 5, "session.id": "shared", "user.id": SECRET };
  await line.store("app-b", {
    v: 1,
    resource: { "service.name": SECRET },
    events: [
      { id: ID_OF_B, body: SECRET, severity: "error", attributes: { ...own, "exception.type": SECRET } },
      { body: SECRET, severity: "fatal", attributes: own },
      { body: SECRET, attributes: own },
      { body: { [SECRET]: 1 } },
    ],
  });
  ({ nextCursor: cursorOfB = "" } = await line.read<SearchResponse>("/search?limit=1", "b"));
  // The second page has a point in time in its cursor.
  const second = await line.read<SearchResponse>(`/search?limit=1&cursor=${cursorOfB}`, "b");
  cursorOfB = second.nextCursor ?? "";
  const rule = {
    name: SECRET,
    apps: ["app-b"],
    q: SECRET,
    threshold: 1,
    windowMinutes: 5,
    webhookUrl: "https://hooks.example.com/x",
  };
  const made = await line.request("/alerts", "b", { method: "POST", body: JSON.stringify(rule) });
  alertOfB = (await made.json()) as AlertRule;
});
afterAll(() => line?.[Symbol.asyncDispose]());

const ROUTES = [
  "/search",
  "/histogram",
  "/facets?field=user.id",
  "/fields",
  "/groups",
  "/overview",
  "/export",
  "/rejected",
  `/context?id=${ID_OF_B}`,
  "/alerts",
] as const;

it("the table has every route that a reader's token opens", () => {
  const read = Object.entries(openApi.paths).filter(([, methods]) => JSON.stringify(methods).includes('"readerToken"'));
  const tables = [...ROUTES, "/reader", "/alerts/{id}", "/alerts/{id}/test"].map((route) => route.split("?")[0]);
  expect(read.map(([path]) => path).filter((path) => !tables.includes(path))).toEqual([]);
});

it("/reader tells of a token's own apps, and of nothing without one", async () => {
  expect(await line.read("/reader", "a")).toEqual({ apps: [{ id: "app-a", tail: [] }], canAlert: true });
  for (const reader of [undefined, "made-up"]) expect((await line.request("/reader", reader)).status).toBe(401);
});

/** The same route with another parameter. */
const withParam = (route: string, param: string): string => `${route}${route.includes("?") ? "&" : "?"}${param}`;

describe.each(ROUTES)("%s", (route) => {
  it("answers its own reader", async () => {
    const response = await line.request(route, "b");
    expect(response.status).toBe(200);
    // A test of the test: what it is about can be reached by the one who may.
    expect(await response.text()).toContain(route === "/histogram" ? '"total":3' : SECRET);
  });

  it.each([
    ["no token", undefined],
    ["a token that nobody gave out", "made-up"],
  ])("refuses %s", async (_, reader) => {
    expect((await line.request(route, reader)).status).toBe(401);
  });

  it("shows a reader of another app nothing of it", async () => {
    const response = await line.request(route, "a");
    expect(response.status).toBe(route.startsWith("/context") ? 404 : 200);
    expect(await response.text()).not.toContain(SECRET);
  });

  it("refuses to be asked for another app", async () => {
    if (route === "/alerts" || route.startsWith("/context")) return;
    for (const app of ["app-b", "app-a,app-b"]) {
      const response = await line.request(withParam(route, `app=${app}`), "a");
      expect([response.status, await response.json()]).toMatchObject([403, { reason: "forbidden_app" }]);
    }
  });
});

describe("by other ways", () => {
  it.each([
    `/search?q=${SECRET}`,
    "/search?q=app:app-b",
    "/search?q=-app:app-a",
    "/search?q=*%20OR%20app:app-b",
    `/search?q=id:${ID_OF_B}`,
    "/search?q=edgelog.app:*",
    "/search?session=shared",
    `/facets?field=app,user.id,service,${SECRET},${SECRET}.number,group,id`,
    `/facets?field=user.id&prefix=${SECRET.slice(0, 3)}`,
    "/export?session=shared&format=csv",
    "/export?format=text&q=-app:app-a",
    `/export?after=2000-01-01T00:00:00.000Z,${ID_OF_B}`,
  ])("%s", async (path) => {
    const response = await line.request(path, "a");
    expect(response.status).toBe(200);
    expect((await response.text()).replaceAll(/"field":"[^"]*"/g, "")).not.toContain(SECRET);
  });

  it("counts nothing of it", async () => {
    expect((await line.read<SearchResponse>("/search?q=app:*%20OR%20-app:*", "a")).total).toBe(1);
    expect(await line.read("/histogram", "a")).toMatchObject({ total: 1 });
    expect(await line.read("/overview", "a")).toMatchObject({ total: 1, rejected: { total: 0 } });
  });

  it("a cursor of another reader, with its point in time, gives nothing", async () => {
    expect(cursorOfB.length).toBeGreaterThan(100);
    const response = await line.request(`/search?limit=1&cursor=${cursorOfB}`, "a");
    expect(response.status).toBe(200);
    const answer = (await response.json()) as SearchResponse;
    expect(answer.hits.filter(({ document }) => document.edgelog.app !== "app-a")).toEqual([]);
  });

  it("the session around an event is that of its own app", async () => {
    const [mine] = (await line.read<SearchResponse>("/search", "a")).hits;
    const text = JSON.stringify(await line.read(`/context?id=${mine?.id}`, "both"));
    expect(text).not.toContain(SECRET);
  });

  it("an alert of another app can't be read, changed, tried or deleted", async () => {
    const { id, state: _, createdAt: __, updatedAt: ___, ...rule } = alertOfB;
    const body = JSON.stringify(rule);
    for (const [method, path, init] of [
      ["PUT", `/alerts/${id}`, { body }],
      ["DELETE", `/alerts/${id}`, {}],
      ["POST", `/alerts/${id}/test`, {}],
    ] as const) {
      expect((await line.request(path, "a", { method, ...init })).status).toBe(404);
    }
    expect((await line.request("/alerts", "a", { method: "POST", body })).status).toBe(403);
    expect((await line.request("/alerts", "both", { method: "POST", body })).status).toBe(403);
    expect(await line.read("/alerts", "b")).toMatchObject({ rules: [{ id }] });
  });

  it("the webhook of an alert is shown to those who may change it", async () => {
    expect(JSON.stringify(await line.read("/alerts", "both"))).not.toContain("hooks.example.com/x");
  });
});
