/**
 * The first step of every read route: authenticates the reader and parses the query parameters.
 */
import { openAppStore } from "../access/app-store.ts";
import type * as z from "zod";
import { splitList } from "#contract/api/list-param.ts";
import { shorten } from "#contract/wire/shorten.ts";
import type { ReaderRecord } from "../access/apps.ts";
import { authenticateReader, readTokenId } from "../access/credentials.ts";
import { getStoreClient, type Env } from "../env.ts";
import { FailureError } from "../failure.ts";
import { limitReads } from "../read/limited-reads.ts";
import { createPartialReads } from "../read/partial-reads.ts";
import type { TimeRange } from "../read/scope.ts";
import { toViolation } from "../ingest/to-violation.ts";
import type { StoreClient } from "../opensearch/client.ts";

/** A request to a read route. */
export interface ReadCall {
  readonly request: Request;
  readonly env: Env;
  /** Lets a search end after its client has disconnected. */
  readonly context: Pick<ExecutionContext, "waitUntil">;
}

export interface ReadRequest<T> {
  readonly reader: ReaderRecord;
  readonly params: T;
  /** A client whose searches may not be incomplete. */
  readonly completeClient: StoreClient;
  /** A client whose searches may be incomplete; see `respond`. */
  readonly client: StoreClient;
  /** The response with `incomplete` if a search of `client` lacks logs of this time range (default: any time). */
  readonly respond: (body: object, range?: TimeRange) => Promise<Response>;
  /** Throws `store_unavailable` if a search of `client` lacks logs. */
  readonly assertComplete: () => Promise<void>;
}

/** Parameters that are lists: separated by commas, repeated, or both. See list-param.ts. */
const LISTS: ReadonlySet<string> = new Set(["field", "columns"]);

/** One of the values would otherwise be used, and the other filter ignored. */
const toRepeated = (name: string): FailureError => {
  const field = shorten(name);
  const message = `The parameter ${field} has several values. Send it once.`;
  return new FailureError({ kind: "invalid_parameter", violation: { reason: "invalid_field", message, field } });
};

/** Throws `invalid_parameter` for a parameter that is repeated and not a list. */
const toObject = (query: URLSearchParams): Record<string, unknown> => {
  const params: Record<string, unknown> = Object.create(null);
  // An empty parameter counts as absent: HTML forms send empty fields.
  for (const [name, value] of query) {
    if (value === "") continue;
    if (!LISTS.has(name)) {
      if (params[name] !== undefined) throw toRepeated(name);
      params[name] = value;
    } else params[name] = [...((params[name] as string[] | undefined) ?? []), ...splitList(value)];
  }
  return params;
};

/** Throws `invalid_parameter` with the name of the field. */
export const parseBySchema = <S extends z.ZodObject>(schema: S, value: unknown): z.output<S> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const violation = toViolation(parsed.error, {
    name: "The request body",
    adviseUnknown: () => `The fields are ${Object.keys(schema.shape).join(", ")}.`,
  });
  throw new FailureError({ kind: "invalid_parameter", violation });
};

/** Responses with logs are private: never cached. */
export const toPrivateResponse = (body: object, status = 200): Response =>
  Response.json(body, { status, headers: { "Cache-Control": "no-store" } });

/** A misspelled parameter would otherwise return logs without its filter. */
const assertKnown = (names: readonly string[], { shape }: z.ZodObject): void => {
  const unknown = names.find((name) => !Object.hasOwn(shape, name));
  if (unknown === undefined) return;
  const field = shorten(unknown);
  const message = `Unknown parameter ${field}. The parameters are ${Object.keys(shape).join(", ")}.`;
  throw new FailureError({ kind: "invalid_parameter", violation: { reason: "unknown_field", message, field } });
};

/** Throws `missing_credentials`, `invalid_credentials` or `invalid_parameter`. */
export const parseReadRequest = async <S extends z.ZodObject>(
  { request, env, context }: ReadCall,
  schema: S,
): Promise<ReadRequest<z.output<S>>> => {
  const reader = await authenticateReader(request, openAppStore(env));
  const query = toObject(new URL(request.url).searchParams);
  assertKnown(Object.keys(query), schema);
  const params = parseBySchema(schema, query);
  const store = limitReads(getStoreClient(env), {
    owner: await readTokenId(request),
    waitUntil: (work) => context.waitUntil(work),
    signal: request.signal,
  });
  const { client, findIncomplete } = createPartialReads(store);
  return {
    reader,
    params,
    completeClient: store,
    client,
    async respond(body, range) {
      const incomplete = await findIncomplete(range);
      return toPrivateResponse(incomplete === undefined ? body : { ...body, incomplete });
    },
    async assertComplete() {
      if ((await findIncomplete()) !== undefined) throw new FailureError({ kind: "store_unavailable" });
    },
  };
};
