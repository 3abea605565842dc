/**
 * Downloads OpenSearch's jars from Maven Central to opensearch/server/lib. The download goes to a temporary directory that
 * is renamed when complete, so an interrupted download is repeated.
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
const HASH_FILE = "pom.hash";
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

/** Returns the jars; downloads them if they are missing or pom.xml has changed. */
export const ensureOpenSearchJars = async (): Promise<OpenSearchJars> => {
  const pom = join(SERVER_DIR, "pom.xml");
  const hash = createHash("sha256")
    .update(await readFile(pom))
    .digest("hex");
  const installedHash = await readFile(join(LIB_DIR, HASH_FILE), "utf8").catch(() => "");
  if (installedHash === hash) return { lib: LIB_DIR, version: await findVersion(), wasDownloaded: false };

  const maven = await findExecutable("mvn");
  if (maven === undefined) {
    throw new StackError(
      "Maven is missing; it downloads OpenSearch. Install it (Debian: apt-get install maven),\n" +
        "or set OPENSEARCH_URL to use an existing cluster.",
    );
  }
  const draft = `${LIB_DIR}.${process.pid}`;
  const args = ["-B", "-q", "-f", pom, "dependency:copy-dependencies", `-DoutputDirectory=${draft}`];
  const { failed, all } = await execa(maven, args, { reject: false, all: true, stdin: "ignore" });
  if (failed) {
    await rm(draft, { recursive: true, force: true });
    const hint = /No space left/i.test(all) ? "The disk is full: " : "";
    throw new StackError(`${hint}Maven could not download OpenSearch:\n${all.slice(-SHOWN_ERROR_LENGTH)}`);
  }
  await writeFile(join(draft, HASH_FILE), hash);
  await rm(LIB_DIR, { recursive: true, force: true });
  await rename(draft, LIB_DIR);
  return { lib: LIB_DIR, version: await findVersion(), wasDownloaded: true };
};
