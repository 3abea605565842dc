import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { readVariable } from "../lib/read-variable.ts";
import { defaultHome, ROOT_DIR } from "../lib/state-dir.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

it("an empty variable counts as absent", () => {
  vi.stubEnv("EDGELOG_HOME", "");
  expect(readVariable("EDGELOG_HOME")).toBeUndefined();
  expect(defaultHome()).toBe(join(ROOT_DIR, ".edgelog"));
});
