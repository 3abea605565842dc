import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ensureOpenSearchJars } from "../install/opensearch-jars.ts";

/** Writes a jar, like Maven, and a line for each run. */
const MAVEN = `#!/bin/sh
for each; do case $each in -DoutputDirectory=*) out=\${each#*=};; esac; done
echo run >> "$RUNS"
mkdir -p "$out" && sleep 0.2 && touch "$out/opensearch-3.5.0.jar"
`;

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "edgelog-jars-"));
  await writeFile(join(home, "pom.xml"), "<project/>");
  await writeFile(join(home, "mvn"), MAVEN);
  await chmod(join(home, "mvn"), 0o755);
  vi.stubEnv("PATH", [home, process.env["PATH"]].join(delimiter));
  vi.stubEnv("RUNS", join(home, "runs"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

it("downloads the jars once when several servers start at the same time", async () => {
  const found = await Promise.all([1, 2, 3].map(() => ensureOpenSearchJars(home)));
  expect(found.map(({ version }) => version)).toEqual(["3.5.0", "3.5.0", "3.5.0"]);
  expect(found.filter(({ wasDownloaded }) => wasDownloaded)).toHaveLength(1);
  expect(await readFile(join(home, "runs"), "utf8")).toBe("run\n");
  expect((await readdir(home)).filter((name) => name.startsWith("lib.")).toSorted()).toEqual(["lib.lock"]);
});

it("downloads the jars again when pom.xml has changed", async () => {
  await ensureOpenSearchJars(home);
  await writeFile(join(home, "pom.xml"), "<project>3.6.0</project>");
  expect(await ensureOpenSearchJars(home)).toMatchObject({ wasDownloaded: true });
  expect(await ensureOpenSearchJars(home)).toMatchObject({ wasDownloaded: false });
});
