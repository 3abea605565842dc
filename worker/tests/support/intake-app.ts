/**
 * An application with the routes of {@link INTAKE_ROUTES} for the app `shop`, without the check of the key, which needs workerd.
 */
import { Hono } from "hono";
import { FailureError } from "../../src/failure.ts";
import { toProblemResponse } from "../../src/http/problem.ts";
import { INTAKE_ROUTES, type IntakeRoute } from "../../src/routes/intake-routes.ts";
import type { RouteArguments } from "./scripted-store.ts";

interface IntakeModule {
  readonly addIntakeErrors: (app: Hono) => void;
  readonly postIntake: (
    request: Request,
    ...args: readonly [...RouteArguments, route: IntakeRoute]
  ) => Promise<Response>;
}

// Not a static import: tests are checked with the types of Node.js, the route with those of workerd.
const { addIntakeErrors, postIntake } = (await import(
  new URL("../../src/routes/intake.ts", import.meta.url).href
)) as IntakeModule;

export const createIntakeApp = (args: RouteArguments): Hono => {
  const app = new Hono();
  addIntakeErrors(app);
  for (const route of INTAKE_ROUTES) {
    for (const path of route.paths) app.post(path, (c) => postIntake(c.req.raw, ...args, route));
  }
  app.onError((error) => toProblemResponse(error instanceof FailureError ? error.failure : { kind: "internal" }));
  return app;
};
