/**
 * `GET /status` and `GET /metrics`: the state of the deployment, as JSON and for Prometheus, if the record of the token has `canMonitor`.
 * `POST /relay/status`: the report of a relay.
 */
import type { StatusResponse } from "#contract/api/status.ts";
import { relayReportSchema } from "#contract/relay/relay-report.ts";
import { openAppStore } from "../access/app-store.ts";
import { assertRelay, authenticateReader } from "../access/credentials.ts";
import { getStoreClient, type Env } from "../env.ts";
import { FailureError } from "../failure.ts";
import { cachedHealth } from "../health/cached-health.ts";
import { createHealthPorts } from "../health/health-ports.ts";
import { readJson } from "../http/read-body.ts";
import { EXPOSITION_TYPE, toExposition } from "../metrics/exposition.ts";
import { toMetrics } from "../metrics/to-metrics.ts";
import { fetchStatus } from "../status/fetch-status.ts";
import { putRelayReport } from "../status/relay-reports.ts";
import { parseBySchema, toPrivateResponse } from "./parse-read-request.ts";

type Context = Pick<ExecutionContext, "waitUntil">;

const MAX_REPORT_BYTES = 16_384;

/** Fails with 403 `read_only` if the token must not see the state of the deployment. */
const readStatus = async (request: Request, env: Env, context: Context): Promise<StatusResponse> => {
  const reader = await authenticateReader(request, openAppStore(env));
  if (reader.canMonitor !== true) throw new FailureError({ kind: "monitoring_not_allowed" });
  const fetchHealth = () => cachedHealth.get(createHealthPorts(env), (work) => context.waitUntil(work));
  return await fetchStatus(getStoreClient(env), fetchHealth, Date.now());
};

export const getStatus = async (request: Request, env: Env, context: Context): Promise<Response> =>
  toPrivateResponse(await readStatus(request, env, context));

export const getMetrics = async (request: Request, env: Env, context: Context): Promise<Response> =>
  new Response(toExposition(toMetrics(await readStatus(request, env, context))), {
    headers: { "Content-Type": EXPOSITION_TYPE, "Cache-Control": "no-store" },
  });

/** 204. Fails with 401, 400 `invalid_parameter` or 503 `store_unavailable`. */
export const postRelayStatus = async (request: Request, env: Env): Promise<Response> => {
  await assertRelay(request, [env.RELAY_TOKEN, env.RELAY_TOKEN_PREVIOUS]);
  const report = parseBySchema(relayReportSchema, await readJson(request, MAX_REPORT_BYTES));
  await putRelayReport(getStoreClient(env), report, Date.now());
  return new Response(undefined, { status: 204 });
};
