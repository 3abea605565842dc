/**
 * `POST /erasures`: deletes the logs and rejected events of one user, if the record of the token has `canErase`.
 */
import { erasureRequestSchema, type ErasureResponse } from "#contract/api/erasure.ts";
import { openAppStore } from "../access/app-store.ts";
import { authenticateReader } from "../access/credentials.ts";
import { getStoreClient, type Env } from "../env.ts";
import { countUser, eraseUser } from "../erase/erase-user.ts";
import { FailureError } from "../failure.ts";
import { readJson } from "../http/read-body.ts";
import { toApps } from "../read/scope.ts";
import { parseBySchema, toPrivateResponse } from "./parse-read-request.ts";

const MAX_BODY_BYTES = 65_536;

/** Fails with 403 `read_only` or `forbidden_app`, 409 `conflict` if an index is closed, or 503 `store_unavailable`. Repeating the request is safe. */
export const postErasure = async (request: Request, env: Env): Promise<Response> => {
  const reader = await authenticateReader(request, openAppStore(env));
  if (reader.canErase !== true) throw new FailureError({ kind: "erasure_not_allowed" });
  const { user, apps, dryRun } = parseBySchema(erasureRequestSchema, await readJson(request, MAX_BODY_BYTES));
  const erasure = {
    user,
    apps: toApps(apps?.join(","), reader.apps),
    by: reader.note ?? "a token without a description",
    nowMs: Date.now(),
  };
  const client = getStoreClient(env);
  const response: ErasureResponse = dryRun
    ? await countUser(client, erasure)
    : await eraseUser(client, env.APPS, erasure);
  return toPrivateResponse(response);
};
