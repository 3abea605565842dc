/**
 * Gives the Worker a user of its own on a cluster with the security plugin: it may write, search and expire its indices, and
 * nothing else. Safe to run again; a new password replaces the old one, and takes effect at once.
 *
 * As a command, with an administrator in the URL:
 *   OPENSEARCH_URL=https://admin:…@search:9200 OPENSEARCH_CA=ca.crt OPENSEARCH_WORKER_PASSWORD=… node opensearch/security/setup.ts
 */
import { readFileSync } from "node:fs";
import { connectOpenSearch } from "../connect.ts";

const API = "/_plugins/_security/api";

/** The Worker's user; it stands in its OPENSEARCH_URL. */
export const WORKER_USER = "edgelog-worker";
const WORKER_ROLE = "edgelog_worker";

const readRoles = (): Readonly<Record<string, object>> =>
  JSON.parse(readFileSync(new URL("roles.json", import.meta.url), "utf8")) as Record<string, object>;

export interface SecurityOptions {
  readonly url: string;
  readonly workerPassword: string;
  /** Path of the CA's certificate. */
  readonly ca?: string | undefined;
}

/** Returns a line on each thing it did. Throws when the cluster refuses. */
export const setUpSecurity = async ({ url, workerPassword, ca }: SecurityOptions): Promise<string[]> => {
  await using opensearch = connectOpenSearch(url, ca);
  const done: string[] = [];
  const put = async (path: string, body: object): Promise<void> => {
    await opensearch.ask("PUT", `${API}/${path}`, body);
    done.push(path);
  };
  for (const [name, role] of Object.entries(readRoles())) await put(`roles/${name}`, role);
  await put(`internalusers/${WORKER_USER}`, { password: workerPassword, description: "The edgelog Worker" });
  await put(`rolesmapping/${WORKER_ROLE}`, { users: [WORKER_USER] });
  return done;
};

if (import.meta.main) {
  const { OPENSEARCH_URL: url, OPENSEARCH_WORKER_PASSWORD: workerPassword, OPENSEARCH_CA: ca } = process.env;
  if (url === undefined || workerPassword === undefined) {
    throw new Error("Set OPENSEARCH_URL, with an administrator in it, and OPENSEARCH_WORKER_PASSWORD");
  }
  for (const line of await setUpSecurity({ url, workerPassword, ca })) console.log(`set up: ${line}`);
}
