import { execa } from "execa";
import { expect, it } from "vitest";
import { buildPackage } from "../../tests/support/build-package.ts";
import { listPageSources } from "../lib/build-pages.ts";
import { listBundleSources } from "../lib/cached-bundle.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";

// A stack that builds the pages again restarts the Worker of all stacks of this clone.
it("takes no output of a build for a source of the pages or the bundles", async () => {
  await buildPackage("edgelog-web");
  await buildPackage("edgelog-node");
  const sources = [...listPageSources(), ...(["relay", "server", "worker"] as const).flatMap(listBundleSources)];
  expect(sources).toContain("web-client/logger/index.ts");
  const { exitCode, stdout } = await execa("git", ["check-ignore", "--stdin"], {
    cwd: ROOT_DIR,
    input: sources.join("\n"),
    reject: false,
  });
  // The exit code if none is ignored.
  expect([exitCode, stdout]).toEqual([1, ""]);
});
