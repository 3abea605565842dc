import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { readVariable } from "../lib/read-variable.ts";
import { readRuntime } from "../services/runtime.ts";
import { defaultHome, ROOT_DIR } from "../lib/state-dir.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

it("an empty variable counts as absent", () => {
  vi.stubEnv("EDGELOG_HOME", "");
  expect(readVariable("EDGELOG_HOME")).toBeUndefined();
  expect(defaultHome()).toBe(join(ROOT_DIR, ".edgelog"));
});

it("an empty EDGELOG_RUNTIME counts as absent", () => {
  expect(readRuntime({ EDGELOG_RUNTIME: "" })).toBe("workerd");
});

it.each(["broker/relay/src/logger.ts", "worker/node/logger.ts"])(
  "with an empty LOG_LEVEL, %s has its default",
  async (path) => {
    vi.stubEnv("LOG_LEVEL", "");
    const { logger } = (await import(join(ROOT_DIR, path))) as { logger: { level: string } };
    expect(logger.level).toBe("info");
  },
);
