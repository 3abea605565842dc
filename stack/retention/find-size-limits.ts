/** The limits of size that the Worker applies, for `npm run retention -- plan`. */
import type { SizeLimits } from "../../worker/src/retention/plan-retention.ts";
import { parseBytes } from "../apps/quota.ts";
import { StackError } from "../lib/stack-error.ts";

export interface LimitSources {
  readonly options: { readonly "max-bytes"?: string | undefined; readonly "max-disk-percent"?: string | undefined };
  /** On one host without Cloudflare, the server's settings are environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `[vars]` of wrangler.toml. */
  readonly vars: Readonly<Record<string, unknown>>;
}

const toShare = (text: string): number => {
  const percent = Number(text);
  if (percent > 0 && percent <= 100) return percent / 100;
  throw new StackError(`${text} is not a percentage: use for instance 85.`);
};

/** The first source that has a limit decides. Throws {@link StackError} for a value that is not valid. */
export const findSizeLimits = ({ options, env, vars }: LimitSources): SizeLimits => {
  const maxBytes = options["max-bytes"] ?? env["RETENTION_MAX_BYTES"] ?? vars["RETENTION_MAX_BYTES"];
  const maxPercent =
    options["max-disk-percent"] ?? env["RETENTION_MAX_DISK_PERCENT"] ?? vars["RETENTION_MAX_DISK_PERCENT"];
  return {
    ...(maxBytes === undefined ? {} : { maxBytes: parseBytes(String(maxBytes)) }),
    ...(maxPercent === undefined ? {} : { maxDiskShare: toShare(String(maxPercent)) }),
  };
};
