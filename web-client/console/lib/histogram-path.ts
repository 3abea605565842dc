import { timeZone } from "./format-time.ts";

const LOCAL_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** IANA name of the time zone in which times are shown. */
const zoneName = (): string => (timeZone.value === "utc" ? "UTC" : LOCAL_ZONE);

/** A path of `/histogram` whose buckets start at round times of the reader's zone. */
export const toHistogramPath = (params: URLSearchParams | string): string => {
  const all = new URLSearchParams(params);
  all.set("timeZone", zoneName());
  return `/histogram?${all}`;
};
