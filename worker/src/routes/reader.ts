/**
 * `GET /reader`: the permissions of a reader token.
 */
import type { ReadableApp, ReaderResponse } from "#contract/api/reader.ts";
import { mqttUserOfGeneration, tailFilter } from "#contract/wire/topics.ts";
import { findApp, type AppRecord } from "../access/apps.ts";
import { authenticateReader } from "../access/credentials.ts";
import type { Env } from "../env.ts";
import { toPrivateResponse } from "./parse-read-request.ts";

/** One filter per key generation, and one for the next generation, so that a live tail continues after a key rotation. */
const toFilters = (app: string, { keys, disabled }: AppRecord): string[] => {
  const generations = keys.map(({ generation }) => generation);
  const next = Math.max(...generations) + 1;
  return disabled ? [] : [...generations, next].map((generation) => tailFilter(mqttUserOfGeneration(app, generation)));
};

/** The apps of the token with their retention (days) and live tail filters, its expiry, and whether it may edit alerts. */
export const getReader = async (request: Request, env: Env): Promise<Response> => {
  const { apps, expiresAt, canAlert = false } = await authenticateReader(request, env.APPS);
  const toReadable = async (id: string): Promise<ReadableApp> => {
    const record = await findApp(env.APPS, id);
    if (record === undefined) return { id, tail: [] };
    const tail = env.TAIL_PASSWORD === undefined ? [] : toFilters(id, record);
    return { id, retentionDays: record.retentionDays, tail };
  };
  const response: ReaderResponse = {
    apps: await Promise.all(apps.map(toReadable)),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    canAlert,
  };
  return toPrivateResponse(response);
};
