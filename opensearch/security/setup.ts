/**
 * Creates a user for the Worker on a cluster with the security plugin. The user can write, search and delete edgelog's
 * indices and nothing else. Safe to run again: a new password replaces the old one and takes effect immediately.
 *
 * As a command, with an administrator in the URL:
 *   OPENSEARCH_URL=https://admin:…@search:9200 OPENSEARCH_CA=ca.crt OPENSEARCH_WORKER_PASSWORD=… node opensearch/security/setup.ts
 */
import { readFileSync } from "node:fs";
import { omitEmpty } from "#contract/check/omit-empty.ts";
import { connectOpenSearch, OpenSearchError } from "../connect.ts";
import { runSetup } from "../run-setup.ts";

const API = "/_plugins/_security/api";

/** Name of the Worker's user, for its OPENSEARCH_URL. */
export const WORKER_USER = "edgelog-worker";
const WORKER_ROLE = "edgelog_worker";

const readRoles = (): Readonly<Record<string, object>> =>
  JSON.parse(readFileSync(new URL("roles.json", import.meta.url), "utf8")) as Record<string, object>;

export interface SecurityOptions {
  readonly url: string;
  readonly workerPassword: string;
  /** Path of the CA certificate in PEM format. Default: the variable `OPENSEARCH_CA`. */
  readonly ca?: string | undefined;
}

/** Returns the API paths that it changed. Throws when the cluster refuses a request. */
export const setUpSecurity = async ({ url, workerPassword, ca }: SecurityOptions): Promise<string[]> => {
  await using opensearch = connectOpenSearch(url, { ca });
  const changed: string[] = [];
  const put = async (path: string, body: object): Promise<void> => {
    await opensearch.request("PUT", `${API}/${path}`, body);
    changed.push(path);
  };
  for (const [name, role] of Object.entries(readRoles())) await put(`roles/${name}`, role);
  await put(`internalusers/${WORKER_USER}`, { password: workerPassword, description: "The edgelog Worker" });
  await put(`rolesmapping/${WORKER_ROLE}`, { users: [WORKER_USER] });
  return changed;
};

const main = async (): Promise<void> => {
  const { OPENSEARCH_URL: url, OPENSEARCH_WORKER_PASSWORD: workerPassword, OPENSEARCH_CA: ca } = omitEmpty(process.env);
  if (url === undefined || workerPassword === undefined) {
    throw new OpenSearchError(
      "Set OPENSEARCH_URL, with the user and password of an administrator, and OPENSEARCH_WORKER_PASSWORD",
    );
  }
  for (const line of await setUpSecurity({ url, workerPassword, ca })) console.log(`set up: ${line}`);
};

if (import.meta.main) await runSetup(main);
