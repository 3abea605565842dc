/**
 * Downloads OpenSearch's jars from Maven Central to opensearch/server/lib. The download goes to a temporary directory that
 * is renamed when complete, so an interrupted download is repeated. One download at a time: the next one would delete the jars with
 * which the first server has started.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { MINUTE_MS } from "#contract/wire/durations.ts";
import { withFileLock } from "../lib/file-lock.ts";
import { StackError } from "../lib/stack-error.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";
import { findExecutable } from "./find-executable.ts";

export const SERVER_DIR = join(ROOT_DIR, "opensearch", "server");

const HASH_FILE = "pom.hash";
const SHOWN_ERROR_LENGTH = 2_000;

/** A first download takes a minute, and several on a slow connection. */
const MAX_WAIT_MS = 15 * MINUTE_MS;

export interface OpenSearchJars {
  readonly lib: string;
  readonly version: string;
  readonly wasDownloaded: boolean;
}

const findVersion = async (lib: string): Promise<string> => {
  const jar = (await readdir(lib)).find((name) => /^opensearch-\d/.test(name));
  return jar?.replace(/^opensearch-(.*)\.jar$/, "$1") ?? "of an unknown version";
};

const download = async (lib: string, pom: string, hash: string): Promise<void> => {
  const maven = await findExecutable("mvn");
  if (maven === undefined) {
    throw new StackError(
      "Maven is missing; it downloads OpenSearch. Install it (Debian: apt-get install maven),\n" +
        "or set OPENSEARCH_URL to use an existing cluster.",
    );
  }
  const draft = `${lib}.${process.pid}`;
  const args = ["-B", "-q", "-f", pom, "dependency:copy-dependencies", `-DoutputDirectory=${draft}`];
  const { failed, all } = await execa(maven, args, { reject: false, all: true, stdin: "ignore" });
  if (failed) {
    await rm(draft, { recursive: true, force: true });
    const hint = /No space left/i.test(all) ? "The disk is full: " : "";
    throw new StackError(`${hint}Maven could not download OpenSearch:\n${all.slice(-SHOWN_ERROR_LENGTH)}`);
  }
  await writeFile(join(draft, HASH_FILE), hash);
  await rm(lib, { recursive: true, force: true });
  await rename(draft, lib);
};

/**
 * Returns the jars; downloads them if they are missing or pom.xml has changed.
 *
 * @param serverDir The folder of pom.xml, in which `lib` is created.
 */
export const ensureOpenSearchJars = async (serverDir: string = SERVER_DIR): Promise<OpenSearchJars> => {
  const lib = join(serverDir, "lib");
  const pom = join(serverDir, "pom.xml");
  const hash = createHash("sha256")
    .update(await readFile(pom))
    .digest("hex");
  const isInstalled = async (): Promise<boolean> =>
    (await readFile(join(lib, HASH_FILE), "utf8").catch(() => "")) === hash;
  let wasDownloaded = false;
  if (!(await isInstalled())) {
    const downloadOnce = async (): Promise<void> => {
      if (await isInstalled()) return;
      await download(lib, pom, hash);
      wasDownloaded = true;
    };
    await withFileLock(lib, downloadOnce, MAX_WAIT_MS);
  }
  return { lib, version: await findVersion(lib), wasDownloaded };
};
