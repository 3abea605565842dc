/**
 * Gets OpenSearch's jars from Maven Central into opensearch/server/lib. They arrive in a folder beside it, which takes
 * its name only when it is complete, so an interrupted download is simply repeated.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { StackError } from "../lib/stack-error.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";
import { findExecutable } from "./find-executable.ts";

export const SERVER_DIR = join(ROOT_DIR, "opensearch", "server");

const LIB_DIR = join(SERVER_DIR, "lib");
const STAMP = "pom.hash";
const SHOWN_ERROR_LENGTH = 2_000;

export interface OpenSearchJars {
  readonly lib: string;
  readonly version: string;
  readonly wasDownloaded: boolean;
}

const findVersion = async (): Promise<string> => {
  const jar = (await readdir(LIB_DIR)).find((name) => /^opensearch-\d/.test(name));
  return jar?.replace(/^opensearch-(.*)\.jar$/, "$1") ?? "of an unknown version";
};

/** The jars, downloaded where they are missing or where pom.xml has changed. */
export const ensureOpenSearchJars = async (): Promise<OpenSearchJars> => {
  const pom = join(SERVER_DIR, "pom.xml");
  const hash = createHash("sha256")
    .update(await readFile(pom))
    .digest("hex");
  const stamp = await readFile(join(LIB_DIR, STAMP), "utf8").catch(() => "");
  if (stamp === hash) return { lib: LIB_DIR, version: await findVersion(), wasDownloaded: false };

  const maven = await findExecutable("mvn");
  if (maven === undefined) {
    throw new StackError(
      "Maven is missing: it gets OpenSearch from Maven Central. Install it (Debian: apt-get install maven),\n" +
        "or set OPENSEARCH_URL to use a cluster that is already there.",
    );
  }
  const draft = `${LIB_DIR}.${process.pid}`;
  const args = ["-B", "-q", "-f", pom, "dependency:copy-dependencies", `-DoutputDirectory=${draft}`];
  const { failed, all } = await execa(maven, args, { reject: false, all: true, stdin: "ignore" });
  if (failed) {
    await rm(draft, { recursive: true, force: true });
    const hint = /No space left/i.test(all) ? "The disk is full: " : "";
    throw new StackError(`${hint}Maven could not get OpenSearch:\n${all.slice(-SHOWN_ERROR_LENGTH)}`);
  }
  await writeFile(join(draft, STAMP), hash);
  await rm(LIB_DIR, { recursive: true, force: true });
  await rename(draft, LIB_DIR);
  return { lib: LIB_DIR, version: await findVersion(), wasDownloaded: true };
};
