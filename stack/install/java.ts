/**
 * Finds a JDK that OpenSearch runs on. The one on the PATH is often older than the newest that is installed, so all the
 * usual places are looked at. A JDK and not a JRE: the development server is launched from its source file.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { StackError } from "../lib/stack-error.ts";
import { findExecutable } from "./find-executable.ts";

const OLDEST_MAJOR = 21;
const JVM_DIR = "/usr/lib/jvm";

export interface Java {
  readonly path: string;
  readonly major: number;
  readonly hasCompiler: boolean;
}

/** Reads `openjdk version "25.0.1" …`; also the `"1.8.0_402"` of old. */
export const parseJavaMajor = (output: string): number | undefined => {
  const version = /version "(\d+)(?:\.(\d+))?/.exec(output);
  if (version === null) return undefined;
  return Number(version[1] === "1" ? version[2] : version[1]);
};

const inspect = async (path: string): Promise<Java | undefined> => {
  const { all, failed } = await execa(path, ["-version"], { reject: false, all: true, env: { JAVA_TOOL_OPTIONS: "" } });
  const major = failed ? undefined : parseJavaMajor(all);
  if (major === undefined) return undefined;
  const { failed: lacksCompiler } = await execa(path, ["--describe-module", "jdk.compiler"], { reject: false });
  return { path, major, hasCompiler: !lacksCompiler };
};

const listCandidates = async (): Promise<string[]> => {
  const homes = (await readdir(JVM_DIR).catch(() => [])).map((name) => join(JVM_DIR, name, "bin", "java"));
  const javaHome = process.env["JAVA_HOME"];
  const onPath = await findExecutable("java");
  const first = javaHome === undefined ? [] : [join(javaHome, "bin", "java")];
  return [...new Set([...first, ...(onPath === undefined ? [] : [onPath]), ...homes])];
};

/** The first JDK that is new enough. */
export const findJava = async (): Promise<Java> => {
  const found: Java[] = [];
  for (const path of await listCandidates()) {
    const java = await inspect(path);
    if (java === undefined) continue;
    if (java.major >= OLDEST_MAJOR && java.hasCompiler) return java;
    found.push(java);
  }
  const list = found.map(({ path, major, hasCompiler }) => `${path} (${major}${hasCompiler ? "" : ", no compiler"})`);
  throw new StackError(
    `OpenSearch needs a JDK of version ${OLDEST_MAJOR} or later. Found: ${list.join(", ") || "none"}.\n` +
      "Install one (for instance Temurin 25, or Debian's openjdk-21-jdk-headless), set JAVA_HOME to one,\n" +
      "or set OPENSEARCH_URL to use a cluster that is already there.",
  );
};
