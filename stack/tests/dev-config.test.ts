import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeDevConfig } from "../services/dev-config.ts";

it("the configuration of wrangler dev has no build and no list of secrets, and is not written again", async () => {
  const home = await mkdtemp(join(tmpdir(), "edgelog-dev-config-"));
  try {
    const path = await writeDevConfig(home);
    const config = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
    expect(config).not.toHaveProperty("build");
    expect(config).not.toHaveProperty("secrets");
    expect(config["kv_namespaces"]).toEqual([{ binding: "APPS", id: "edgelog-apps" }]);
    const { mtimeMs } = await stat(path);
    await writeDevConfig(home);
    expect((await stat(path)).mtimeMs).toBe(mtimeMs);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
