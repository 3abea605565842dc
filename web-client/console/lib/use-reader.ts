import type { ReaderResponse } from "#contract/api/reader.ts";
import { useFetch } from "../api/use-fetch.ts";

/** The apps and rights of the token; `undefined` while loading. */
export const useReader = (): ReaderResponse | undefined => useFetch<ReaderResponse>("/reader").answer;
