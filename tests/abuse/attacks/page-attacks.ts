/** Texts of third parties that a page logs: redaction must not block the page. */
import { MAX_BODY_LENGTH } from "#contract/wire/limits.ts";
import { redact, redactUrl } from "../../../web-client/logger/event/redact.ts";
import type { Attack } from "./attack.ts";

const MAX_REDACT_MS = 500;

/** Each of these repeated beginnings of a secret, of a credential or of a URL's query is never completed. */
const BEGINNINGS = ["eyJ", "eyJ-", "eyJaaaaaaaa", "token ", "token= ", "bearer ", "basic  ", "password: a "] as const;
const URL_BEGINNINGS = ["?", "?a", "&", "#"] as const;

const measure = (work: () => unknown): number => {
  const startedMs = performance.now();
  work();
  return performance.now() - startedMs;
};

const fill = (text: string): string => `${text.repeat(Math.ceil(MAX_BODY_LENGTH / text.length))} `;

export const PAGE_ATTACKS: readonly Attack[] = [
  {
    name: "12 text that makes redaction slow",
    isShort: true,
    async run() {
      const times = [
        ...BEGINNINGS.map((each) => ({ each, ms: measure(() => redact(fill(each), MAX_BODY_LENGTH)) })),
        ...URL_BEGINNINGS.map((each) => ({ each, ms: measure(() => redactUrl(fill(each))) })),
      ];
      return times
        .filter(({ ms }) => ms > MAX_REDACT_MS)
        .map(({ each, ms }) => `redaction of ${MAX_BODY_LENGTH} characters ("${each}") took ${Math.round(ms)} ms`);
    },
  },
];
