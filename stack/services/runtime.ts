/**
 * The runtime in which the stack runs the Worker: workerd as on Cloudflare, or Node.js as on one host without Cloudflare.
 */
import { omitEmpty } from "#contract/check/omit-empty.ts";
import { StackError } from "../lib/stack-error.ts";

const RUNTIMES = ["workerd", "node"] as const;

export type Runtime = (typeof RUNTIMES)[number];

/** `EDGELOG_RUNTIME`, default `workerd`. Throws for any other value. */
export const readRuntime = (env: NodeJS.ProcessEnv = process.env): Runtime => {
  const text = omitEmpty(env)["EDGELOG_RUNTIME"] ?? "workerd";
  const runtime = RUNTIMES.find((each) => each === text);
  if (runtime === undefined) throw new StackError(`EDGELOG_RUNTIME=${text} must be one of ${RUNTIMES.join(", ")}.`);
  return runtime;
};
