/** A cluster that is already there, in the shape of a service: it is asked, and never started or ended. */
import { StackError } from "../lib/stack-error.ts";
import type { OpenSearch } from "./opensearch.ts";

const ANSWER_DEADLINE_MS = 5_000;

interface Greeting {
  readonly version?: { readonly number?: string };
}

/** Credentials in a URL are for the header and for nobody's eyes. */
export const toPrintableUrl = (url: string): string => {
  const parsed = new URL(url);
  parsed.username = "";
  parsed.password = "";
  return parsed.href.replace(/\/$/, "");
};

const ask = async (url: string): Promise<string> => {
  const { username, password } = new URL(url);
  const token = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
  const headers: Record<string, string> = username === "" ? {} : { Authorization: `Basic ${token}` };
  const response = await fetch(toPrintableUrl(url), { headers, signal: AbortSignal.timeout(ANSWER_DEADLINE_MS) });
  if (!response.ok) throw new Error(`it answers ${response.status}`);
  return ((await response.json()) as Greeting).version?.number ?? "of an unknown version";
};

/** Throws when nothing answers there. */
export const useExternalOpenSearch = async (url: string): Promise<OpenSearch> => {
  const version = await ask(url).catch((error: unknown) => {
    const cause = error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : error;
    throw new StackError(`OPENSEARCH_URL is set, but ${toPrintableUrl(url)} cannot be used: ${String(cause)}`);
  });
  const nothing = async (): Promise<void> => undefined;
  return {
    name: "opensearch",
    pid: undefined,
    url,
    version,
    kill: () => undefined,
    stop: nothing,
    start: nothing,
    ready: nothing,
    [Symbol.asyncDispose]: nothing,
  };
};
