/**
 * `GET /reader`: the permissions of a reader token.
 */
import { openAppStore } from "../access/app-store.ts";
import type { ReadableApp, ReaderResponse } from "#contract/api/reader.ts";
import { mqttUserOfGeneration, tailFilter } from "#contract/wire/topics.ts";
import { findApp, type AppRecord } from "../access/apps.ts";
import { authenticateReader, readTokenId } from "../access/credentials.ts";
import type { Env } from "../env.ts";
import { toPrivateResponse } from "./parse-read-request.ts";

/** One filter per key generation, and one for the next generation, so that a live tail continues after a key rotation. */
const toFilters = (app: string, { keys, disabled }: AppRecord): string[] => {
  const generations = keys.map(({ generation }) => generation);
  const next = Math.max(...generations) + 1;
  return disabled ? [] : [...generations, next].map((generation) => tailFilter(mqttUserOfGeneration(app, generation)));
};

/** Each app costs a read of KV, and an invocation on Cloudflare may have 1,000 operations on KV. */
const MAX_APPS_WITH_DETAILS = 500;

/** The id of the token, its apps with their retention (days) and live tail filters, its expiry, and what else it may do. */
export const getReader = async (request: Request, env: Env): Promise<Response> => {
  const {
    apps,
    expiresAt,
    canAlert = false,
    canMonitor = false,
  } = await authenticateReader(request, openAppStore(env));
  const toReadable = async (id: string, position: number): Promise<ReadableApp> => {
    if (position >= MAX_APPS_WITH_DETAILS) return { id, tail: [] };
    const record = await findApp(openAppStore(env), id);
    if (record === undefined) return { id, tail: [] };
    const tail = env.TAIL_PASSWORD === undefined ? [] : toFilters(id, record);
    return { id, retentionDays: record.retentionDays, tail };
  };
  const response: ReaderResponse = {
    tokenId: await readTokenId(request),
    apps: await Promise.all(apps.map((id, i) => toReadable(id, i))),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    canAlert,
    ...(canMonitor ? { canMonitor } : {}),
  };
  return toPrivateResponse(response);
};
