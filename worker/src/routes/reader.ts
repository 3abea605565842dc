/**
 * `GET /reader`: what the holder of a token may do.
 */
import type { ReadableApp, ReaderResponse } from "#contract/api/reader.ts";
import { mqttUserOfGeneration, tailFilter } from "#contract/wire/topics.ts";
import { findApp, type AppRecord } from "../access/apps.ts";
import { authenticateReader } from "../access/credentials.ts";
import type { Env } from "../env.ts";
import { answerJson } from "./read-request.ts";

/** Those of all its keys, and of the next one: a key that is rotated while somebody watches changes nothing for them. */
const toFilters = (app: string, { keys, disabled }: AppRecord): string[] => {
  const generations = keys.map(({ generation }) => generation);
  const next = Math.max(...generations) + 1;
  return disabled ? [] : [...generations, next].map((generation) => tailFilter(mqttUserOfGeneration(app, generation)));
};

export const getReader = async (request: Request, env: Env): Promise<Response> => {
  const { apps, expiresAt, canAlert = false } = await authenticateReader(request, env.APPS);
  const toReadable = async (id: string): Promise<ReadableApp> => {
    const record = await findApp(env.APPS, id);
    if (record === undefined) return { id, tail: [] };
    const tail = env.TAIL_PASSWORD === undefined ? [] : toFilters(id, record);
    return { id, retentionDays: record.retentionDays, tail };
  };
  const answer: ReaderResponse = {
    apps: await Promise.all(apps.map(toReadable)),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    canAlert,
  };
  return answerJson(answer);
};
