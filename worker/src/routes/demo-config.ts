/**
 * `GET /demo/config.json`: the demo app's publishable key, where the deployment chose to give it out (development).
 */
import type { Env } from "../env.ts";
import { ProblemError } from "../http/problem.ts";

export const getDemoConfig = (_request: Request, env: Env): Response => {
  if (env.DEMO_CONFIG === undefined) {
    throw new ProblemError({ status: 404, reason: "not_found", detail: "This deployment has no demo app." });
  }
  return new Response(env.DEMO_CONFIG, {
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
  });
};
