/**
 * `GET /demo/config.json`: the publishable key of the demo app, if the deployment provides one (development).
 */
import type { Env } from "../env.ts";
import { FailureError } from "../failure.ts";

/** Fails with 404 `not_found` if DEMO_CONFIG is not set. */
export const getDemoConfig = (_request: Request, env: Env): Response => {
  if (env.DEMO_CONFIG === undefined) throw new FailureError({ kind: "demo_not_configured" });
  return new Response(env.DEMO_CONFIG, {
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
  });
};
