/** A reader of app A cannot read data of app B on any route, and no route ignores a parameter. Add new read routes to the table. */
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AlertRule } from "#contract/api/alerts.ts";
import type { SearchResponse } from "#contract/api/search.ts";
import openApi from "../../worker/src/openapi/openapi.json" with { type: "json" };
import { startReadStack, type ReadStack } from "../support/read-stack.ts";

/** Part of all data of app B. */
const SECRET = "sesame";
const ID_OF_B = uuidv7();

let stack: ReadStack;
let cursorOfB = "";
let alertOfB: AlertRule;
beforeAll(async () => {
  stack = await startReadStack({
    readers: {
      a: { apps: ["app-a"], canAlert: true, canErase: true },
      b: { apps: ["app-b"], canAlert: true },
      both: { apps: ["app-a", "app-b"] },
    },
  });
  await stack.store("app-a", {
    body: "mine",
    severity: "error",
    attributes: { "session.id": "shared", "user.id": "u-a" },
  });
  const own = { [SECRET]: SECRET, [`${SECRET}.number`]: 5, "session.id": "shared", "user.id": SECRET };
  await stack.store("app-b", {
    v: 1,
    resource: { "service.name": SECRET },
    events: [
      { id: ID_OF_B, body: SECRET, severity: "error", attributes: { ...own, "exception.type": SECRET } },
      { body: SECRET, severity: "fatal", attributes: own },
      { body: SECRET, attributes: own },
      { body: { [SECRET]: 1 } },
    ],
  });
  ({ nextCursor: cursorOfB = "" } = await stack.read<SearchResponse>("/search?limit=1", "b"));
  // The cursor of the second page contains a point in time.
  const second = await stack.read<SearchResponse>(`/search?limit=1&cursor=${cursorOfB}`, "b");
  cursorOfB = second.nextCursor ?? "";
  const rule = {
    name: SECRET,
    apps: ["app-b"],
    q: SECRET,
    threshold: 1,
    windowMinutes: 5,
    webhookUrl: "https://hooks.example.com/x",
  };
  const made = await stack.request("/alerts", "b", { method: "POST", body: JSON.stringify(rule) });
  alertOfB = (await made.json()) as AlertRule;
});
afterAll(() => stack?.[Symbol.asyncDispose]());

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

it("the table has every route for reader tokens", () => {
  const read = Object.entries(openApi.paths).filter(([, methods]) => JSON.stringify(methods).includes('"readerToken"'));
  // tests/read/usage.test.ts has the tests of /usage, which needs a run of the cron job. tests/security/access.test.ts and
  // tests/maintenance.test.ts have those of /status and /metrics, which return no logs and need `canMonitor`. tests/mcp.test.ts has those of /mcp.
  const others = ["/reader", "/erasures", "/usage", "/mcp", "/alerts/{id}", "/alerts/{id}/test", "/status", "/metrics"];
  const tables = [...ROUTES, ...others].map((route) => route.split("?")[0]);
  expect(read.map(([path]) => path).filter((path) => !tables.includes(path))).toEqual([]);
});

it("/reader returns the apps of the token, and requires a token", async () => {
  expect(await stack.read("/reader", "a")).toEqual({
    tokenId: expect.stringMatching(/^[\da-f]{12}$/),
    apps: [{ id: "app-a", tail: [] }],
    canAlert: true,
  });
  for (const reader of [undefined, "made-up"]) expect((await stack.request("/reader", reader)).status).toBe(401);
});

it("/erasures deletes no log of app B", async () => {
  const erase = async (body: object): Promise<Response> =>
    stack.request("/erasures", "a", { method: "POST", body: JSON.stringify({ user: SECRET, ...body }) });
  expect((await erase({ apps: ["app-b"] })).status).toBe(403);
  expect(await (await erase({ dryRun: true })).json()).toMatchObject({ logs: 0, rejected: 0 });
  expect(await (await erase({})).json()).toMatchObject({ logs: 0, rejected: 0, remaining: 0 });
  const { total } = await stack.read<{ total: number }>(`/histogram?q=user.id:${SECRET}`, "b");
  expect(total).toBe(3);
});

/** Adds a query parameter to a route. */
const withParam = (route: string, param: string): string => `${route}${route.includes("?") ? "&" : "?"}${param}`;

describe.each(ROUTES)("route %s", (route) => {
  it("returns data of app B to a reader of app B", async () => {
    const response = await stack.request(route, "b");
    expect(response.status).toBe(200);
    // Verifies the test itself: the secret is in the response of an authorized reader.
    expect(await response.text()).toContain(route === "/histogram" ? '"total":3' : SECRET);
  });

  it.each([
    ["no token", undefined],
    ["an unknown token", "made-up"],
  ])("refuses a request with %s", async (_, reader) => {
    expect((await stack.request(route, reader)).status).toBe(401);
  });

  it("returns no data of app B to a reader of app A", async () => {
    const response = await stack.request(route, "a");
    expect(response.status).toBe(route.startsWith("/context") ? 404 : 200);
    expect(await response.text()).not.toContain(SECRET);
  });

  it("refuses a request for app B by a reader of app A", async () => {
    if (route === "/alerts") return;
    for (const app of ["app-b", "app-a,app-b"]) {
      const response = await stack.request(withParam(route, `app=${app}`), "a");
      expect([response.status, await response.json()]).toMatchObject([403, { reason: "forbidden_app" }]);
    }
  });
});

describe("a request with an unknown parameter", () => {
  it.each([
    ["/search?level=error", "level"],
    ["/histogram?bucket=3", "bucket"],
    ["/facets?field=user.id&count=3", "count"],
    ["/fields?apps=shop", "apps"],
    ["/groups?order=count", "order"],
    ["/overview?query=x", "query"],
    ["/export?fields=body", "fields"],
    ["/rejected?why=too_long", "why"],
    [`/context?id=${ID_OF_B}&size=3`, "size"],
    ["/usage?day=2026-11-01", "day"],
  ])("is refused: %s", async (path, field) => {
    const response = await stack.request(path, "a");
    const detail = expect.stringContaining(`Unknown parameter ${field}. The parameters are `);
    expect([response.status, await response.json()]).toMatchObject([400, { reason: "unknown_field", field, detail }]);
  });
});

it.each([
  ["/search?q=a&q=b", 400],
  ["/export?user=A&user=B", 400],
  ["/facets?q=&q=a&field=user.id&field=session.id", 200],
])("answers a request with a repeated parameter, %s, with %i", async (path, status) => {
  expect((await stack.request(path, "a")).status).toBe(status);
});

describe("data of app B", () => {
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
  ])("is not in the response to %s", async (path) => {
    const response = await stack.request(path, "a");
    expect(response.status).toBe(200);
    expect((await response.text()).replaceAll(/"field":"[^"]*"/g, "")).not.toContain(SECRET);
  });

  it("is not in any count", async () => {
    expect((await stack.read<SearchResponse>("/search?q=app:*%20OR%20-app:*", "a")).total).toBe(1);
    expect(await stack.read("/histogram", "a")).toMatchObject({ total: 1 });
    expect(await stack.read("/overview", "a")).toMatchObject({ total: 1, rejected: { total: 0 } });
  });

  it("is not returned for the cursor of another reader", async () => {
    expect(cursorOfB.length).toBeGreaterThan(100);
    const response = await stack.request(`/search?limit=1&cursor=${cursorOfB}`, "a");
    expect(response.status).toBe(200);
    const answer = (await response.json()) as SearchResponse;
    expect(answer.hits.filter(({ document }) => document.edgelog.app !== "app-a")).toEqual([]);
  });

  it("is in the context of an event of app A with the same session id only for a reader of both apps", async () => {
    const [mine] = (await stack.read<SearchResponse>("/search", "a")).hits;
    const readText = async (reader: string): Promise<string> =>
      JSON.stringify(await stack.read(`/context?id=${mine?.id}`, reader));
    expect(await readText("a")).not.toContain(SECRET);
    expect(await readText("both")).toContain(SECRET);
  });

  it("includes its alerts: a reader of app A cannot change, test or delete them", async () => {
    const { id, state: _, createdAt: __, updatedAt: ___, ...rule } = alertOfB;
    const body = JSON.stringify(rule);
    for (const [method, path, init] of [
      ["PUT", `/alerts/${id}`, { body }],
      ["DELETE", `/alerts/${id}`, {}],
      ["POST", `/alerts/${id}/test`, {}],
    ] as const) {
      expect((await stack.request(path, "a", { method, ...init })).status).toBe(404);
    }
    expect((await stack.request("/alerts", "a", { method: "POST", body })).status).toBe(403);
    expect((await stack.request("/alerts", "both", { method: "POST", body })).status).toBe(403);
    expect(await stack.read("/alerts", "b")).toMatchObject({ rules: [{ id }] });
  });

  it("includes webhook URLs, which only readers that can change the alert see", async () => {
    expect(JSON.stringify(await stack.read("/alerts", "both"))).not.toContain("hooks.example.com/x");
  });
});

describe("events of two apps with the same id, which arrive in the same millisecond", () => {
  const id = uuidv7();
  beforeAll(async () => {
    const at = Date.now();
    const time = new Date(at).toISOString();
    for (const app of ["app-a", "app-b"]) {
      await stack.store(app, { v: 1, events: [{ id, time, body: `twin of ${app}` }] }, at);
    }
  });
  const appsOf = ({ hits }: SearchResponse): string[] => hits.map(({ document }) => document.edgelog.app);

  it("are on the pages of /search once each", async () => {
    const first = await stack.read<SearchResponse>(`/search?q=id:${id}&limit=1`, "both");
    const second = await stack.read<SearchResponse>(
      `/search?q=id:${id}&limit=1&cursor=${first.nextCursor ?? ""}`,
      "both",
    );
    expect([...appsOf(first), ...appsOf(second)]).toEqual(["app-b", "app-a"]);
  });

  it.each(["app-a", "app-b"])("have a /context each: %s", async (app) => {
    expect(await stack.read(`/context?id=${id}&app=${app}`, "both")).toMatchObject({
      event: { id, document: { body: `twin of ${app}` } },
    });
  });
});
