/**
 * Erases one user: records the erasure, publishes it so that later logs are refused, and deletes. In this order, so that no
 * log arrives after the deletion and is stored.
 */
import { v7 as uuidv7 } from "uuid";
import * as z from "zod";
import {
  ERASED_ENTRY,
  ERASURE_DAYS,
  ERASURES_INDEX,
  erasureDocumentSchema,
  MAX_ERASED_USERS,
  USER_FIELDS,
  type ErasedEntry,
  type ErasureDocument,
} from "#contract/store/erasure.ts";
import { LOGS_INDEX_PATTERN, REJECTED_INDEX_PATTERN } from "#contract/store/log-document.ts";
import { DAY_MS } from "#contract/wire/durations.ts";
import type { ErasureResponse } from "#contract/api/erasure.ts";
import { FailureError } from "../failure.ts";
import { StoreUnavailableError, type StoreClient } from "../opensearch/client.ts";
import { parseResponse, search } from "../opensearch/search.ts";
import { allOf, anyOf, term, type Clause } from "../query/clauses.ts";
import { logWarning } from "../logger.ts";
import { aggregate } from "../read/aggregate.ts";
import { inApps } from "../read/scope.ts";
import { hashUser } from "./hash-user.ts";

/** Documents that one request deletes from each pattern: OpenSearch needs a few seconds for them. */
const MAX_DELETED = 10_000;

/** The part of a KV namespace that is used here. */
export interface ErasureStore {
  put(name: string, value: string): Promise<void>;
}

export interface Erasure {
  readonly user: string;
  readonly apps: readonly string[];
  /** The description of the token that erases. */
  readonly by: string;
  readonly nowMs: number;
}

/** The typed fields, and attributes that are not in them: nested objects, lists, and attributes of the resource. */
const USER_PATHS = USER_FIELDS.flatMap((field) => [field, `attributes.${field}`, `resource.attributes.${field}`]);

const toClauses = ({ user, apps }: Erasure): Readonly<Record<"logs" | "rejected", Clause>> => ({
  logs: allOf([inApps(apps), anyOf(USER_PATHS.map((path) => term(path, user)))]),
  rejected: allOf([inApps(apps), term("users", user)]),
});

const closedSchema = z.array(z.object({ index: z.string(), status: z.string() }));

/** A search leaves out closed indices, which may have logs of the user. Throws `indices_closed`. */
const assertAllOpen = async (client: StoreClient): Promise<void> => {
  const options = "format=json&h=index,status&expand_wildcards=open,closed";
  const path = `/_cat/indices/${LOGS_INDEX_PATTERN},${REJECTED_INDEX_PATTERN}?${options}`;
  const rows = parseResponse(await client.request("GET", path), closedSchema);
  const indices = rows.flatMap(({ index, status }) => (status === "open" ? [] : [index]));
  if (indices.length > 0) throw new FailureError({ kind: "indices_closed", indices: indices.toSorted() });
};

interface Counts {
  readonly logs: number;
  readonly rejected: number;
}

/** Throws `StoreUnavailableError` if a shard is missing, or `indices_closed`: their documents would not be erased. */
const count = async (client: StoreClient, erasure: Erasure): Promise<Counts> => {
  await assertAllOpen(client);
  const clauses = toClauses(erasure);
  const [logs, rejected] = await Promise.all([
    aggregate(client, clauses.logs, {}, LOGS_INDEX_PATTERN),
    aggregate(client, clauses.rejected, {}, REJECTED_INDEX_PATTERN),
  ]);
  return { logs: logs.total, rejected: rejected.total };
};

/** A deletion by query finds only refreshed documents; a log that was just stored would be left. */
const refresh = async (client: StoreClient): Promise<void> => {
  const patterns = `${LOGS_INDEX_PATTERN},${REJECTED_INDEX_PATTERN}`;
  const path = `/${patterns}/_refresh?ignore_unavailable=true&allow_no_indices=true`;
  const { status } = await client.request("POST", path);
  if (status !== 200) throw new StoreUnavailableError("the refresh before an erasure failed", status);
};

const deletedSchema = z.object({ deleted: z.int() });

const deleteMatches = async (client: StoreClient, pattern: string, query: Clause): Promise<number> => {
  const options = `conflicts=proceed&refresh=true&ignore_unavailable=true&allow_no_indices=true&max_docs=${MAX_DELETED}`;
  const response = await client.request("POST", `/${pattern}/_delete_by_query?${options}`, { query });
  return parseResponse(response, deletedSchema).deleted;
};

const putRecord = async (client: StoreClient, id: string, record: ErasureDocument): Promise<void> => {
  const { status } = await client.request("PUT", `/${ERASURES_INDEX}/_doc/${id}?refresh=true`, record);
  if (status !== 200 && status !== 201) throw new StoreUnavailableError("writing an erasure failed", status);
};

const recordsSchema = z.object({ hits: z.object({ hits: z.array(z.object({ _source: erasureDocumentSchema })) }) });

/** The entry for the newest users of these records, which are sorted from new to old, and their number. */
const toEntry = (records: readonly ErasureDocument[]): { readonly entry: ErasedEntry; readonly count: number } => {
  const pairs = new Map<string, ErasedEntry["users"][number]>();
  const appLists = new Map<string, number>();
  const appsByUser = new Map<string, Set<string>>();
  const erasures: ErasedEntry["erasures"][number][] = [];
  for (const { at, user, apps, users } of records) {
    if (pairs.size + appsByUser.size >= MAX_ERASED_USERS) break;
    for (const pair of users) if (!pairs.has(pair.user)) pairs.set(pair.user, { ...pair, at });
    if (user === undefined) continue;
    const known = appsByUser.get(user) ?? new Set();
    appsByUser.set(user, known);
    // A later erasure of the user in the same apps is already in the entry.
    if (apps.every((app) => known.has(app))) continue;
    for (const app of apps) known.add(app);
    const list = apps.toSorted().join(" ");
    if (!appLists.has(list)) appLists.set(list, appLists.size);
    erasures.push({ user, apps: appLists.get(list) ?? 0, at });
  }
  const users = [...pairs.values()].slice(0, MAX_ERASED_USERS);
  const entry = { users, appLists: [...appLists.keys()].map((list) => list.split(" ")), erasures };
  return { entry, count: users.length + appsByUser.size };
};

/**
 * Writes the KV entry from the records of all erasures, so that two erasures at the same time, or a lost entry, lose no user.
 * Returns the number of users. Logs a warning if older ones do not fit.
 */
export const publishErasures = async (client: StoreClient, store: ErasureStore, nowMs: number): Promise<number> => {
  const body = {
    size: MAX_ERASED_USERS,
    sort: [{ at: { order: "desc", unmapped_type: "date" } }],
    query: { range: { at: { gte: new Date(nowMs - ERASURE_DAYS * DAY_MS).toISOString() } } },
  };
  const { hits } = await search(client, body, recordsSchema, ERASURES_INDEX);
  const { entry, count: userCount } = toEntry(hits.hits.map(({ _source }) => _source));
  if (userCount >= MAX_ERASED_USERS || hits.hits.length >= MAX_ERASED_USERS) {
    logWarning("too many erased users: old logs of those who were erased first are stored if they arrive now", {
      limit: MAX_ERASED_USERS,
    });
  }
  if (userCount > 0) await store.put(ERASED_ENTRY, JSON.stringify(entry));
  return userCount;
};

/** Counts the documents of the user. */
export const countUser = async (client: StoreClient, erasure: Erasure): Promise<ErasureResponse> => {
  const { logs, rejected } = await count(client, erasure);
  return { dryRun: true, logs, rejected, remaining: logs + rejected };
};

/** Deletes up to {@link MAX_DELETED} logs and rejected events. Throws `StoreUnavailableError` or `indices_closed`; repeating it is safe. */
export const eraseUser = async (
  client: StoreClient,
  store: ErasureStore,
  erasure: Erasure,
): Promise<ErasureResponse> => {
  const { user, apps, by, nowMs } = erasure;
  await assertAllOpen(client);
  const id = uuidv7();
  const record: ErasureDocument = {
    at: new Date(nowMs).toISOString(),
    by,
    user: hashUser(user),
    apps,
    users: [],
    logs: 0,
    rejected: 0,
  };
  await putRecord(client, id, record);
  await publishErasures(client, store, nowMs);
  const clauses = toClauses(erasure);
  await refresh(client);
  const logs = await deleteMatches(client, LOGS_INDEX_PATTERN, clauses.logs);
  const rejected = await deleteMatches(client, REJECTED_INDEX_PATTERN, clauses.rejected);
  await putRecord(client, id, { ...record, logs, rejected });
  const left = await count(client, erasure);
  return { dryRun: false, logs, rejected, remaining: left.logs + left.rejected };
};
