/** An existing cluster behind the interface of a service; it is neither started nor stopped. */
import { connectOpenSearch, OpenSearchError } from "../../opensearch/connect.ts";
import { parseServiceUrl } from "../../opensearch/parse-url.ts";
import { StackError } from "../lib/stack-error.ts";
import type { OpenSearch } from "./opensearch.ts";

const TIMEOUT_MS = 5_000;
const UNKNOWN_VERSION = "of an unknown version";

interface ClusterInfo {
  readonly version?: { readonly number?: string };
}

/** The URL without user and password. */
export const toPrintableUrl = (url: string): string => {
  const parsed = new URL(url);
  parsed.username = "";
  parsed.password = "";
  return parsed.href.replace(/\/$/, "");
};

const readVersion = async (url: string): Promise<string> => {
  await using opensearch = connectOpenSearch(url, { timeoutMs: TIMEOUT_MS, maxRetries: 0 });
  return ((await opensearch.request("GET", "/")) as ClusterInfo).version?.number ?? UNKNOWN_VERSION;
};

/** Throws when the cluster is not reachable or refuses the request. */
export const useExternalOpenSearch = async (url: string): Promise<OpenSearch> => {
  const version = await readVersion(url).catch((error: unknown) => {
    if (!(error instanceof OpenSearchError) || parseServiceUrl(url) === undefined) throw error;
    throw new StackError(`Cannot use the cluster in OPENSEARCH_URL, ${toPrintableUrl(url)}: ${error.message}`);
  });
  const noop = async (): Promise<void> => undefined;
  return {
    name: "opensearch",
    pid: undefined,
    url,
    version,
    kill: () => undefined,
    stop: noop,
    start: noop,
    ready: noop,
    [Symbol.asyncDispose]: noop,
  };
};
