/** Buttons that simulate a request: each logs the request and, after a short delay, the response. */
import { byId, h } from "../shared/dom.ts";
import type { DemoLogger } from "./demo-logger.ts";

interface SimulatedRequest {
  readonly method: "GET" | "PUT" | "DELETE";
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Chosen at random; repeat a status to make it more likely. */
  readonly statuses: readonly [number, ...number[]];
  readonly bytes: number;
}

const REQUESTS: readonly SimulatedRequest[] = [
  { method: "GET", path: "/api/products", params: { page: 1, sort: "price" }, statuses: [200, 200, 304], bytes: 5_120 },
  {
    method: "PUT",
    path: "/api/basket/7",
    params: { sku: "cof-250", quantity: 2 },
    statuses: [200, 200, 409],
    bytes: 240,
  },
  {
    method: "DELETE",
    path: "/api/basket/7",
    params: { reason: "changed my mind" },
    statuses: [204, 204, 500],
    bytes: 0,
  },
];

const MIN_DURATION_MS = 40;
const DURATION_RANGE_MS = 400;

const severityOf = (status: number): "info" | "warn" | "error" => {
  if (status >= 500) return "error";
  return status >= 400 ? "warn" : "info";
};

const simulate = (logger: DemoLogger, { method, path, params, statuses, bytes }: SimulatedRequest): void => {
  const common = { "http.request.method": method, "url.path": path, "request.id": crypto.randomUUID?.() };
  const durationMs = Math.round((MIN_DURATION_MS + Math.random() * DURATION_RANGE_MS) * 10) / 10;
  const status = statuses[Math.floor(Math.random() * statuses.length)] ?? statuses[0];
  logger.log("info", `→ ${method} ${path}`, { ...common, params });
  setTimeout(() => {
    logger.log(severityOf(status), `← ${status} ${method} ${path}`, {
      ...common,
      "http.response.status_code": status,
      "http.response.body.size": bytes,
      "duration.ms": durationMs,
    });
  }, durationMs);
};

/** Adds the buttons to the page. */
export const createRequests = (logger: DemoLogger): void => {
  byId("requests", HTMLDivElement).append(
    ...REQUESTS.map((request) =>
      h(
        "button",
        { class: "button", attributes: { type: "button" }, on: { click: () => simulate(logger, request) } },
        h("span", { class: "method" }, request.method),
        request.path,
      ),
    ),
  );
};
