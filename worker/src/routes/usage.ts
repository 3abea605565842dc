/**
 * `GET /usage`: bytes and events of a reader's apps by day, and their quotas.
 */
import { usageParamsSchema, type UsageResponse } from "#contract/api/usage.ts";
import { DAY_MS } from "#contract/wire/durations.ts";
import { toDay } from "../quota/app-quotas.ts";
import { fetchUsage } from "../quota/usage-store.ts";
import { toApps } from "../read/scope.ts";
import { parseReadRequest, type ReadCall } from "./parse-read-request.ts";

/** Fails with 403 `forbidden_app` or 503 `store_unavailable`. */
export const getUsage = async (call: ReadCall): Promise<Response> => {
  const { reader, params, client, respond } = await parseReadRequest(call, usageParamsSchema);
  const apps = new Set(toApps(params.app, reader.apps));
  const nowMs = Date.now();
  const days = Array.from({ length: params.days }, (_, age) => toDay(nowMs - age * DAY_MS));
  const documents = await fetchUsage(client, days);
  const response: UsageResponse = {
    days: documents
      .map(({ apps: all, ...day }) => ({ ...day, apps: all.filter(({ app }) => apps.has(app)) }))
      .toSorted((a, b) => (a.day < b.day ? 1 : -1)),
  };
  return await respond(response);
};
