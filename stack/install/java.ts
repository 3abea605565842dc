/**
 * Finds a JDK for OpenSearch. The JDK on the PATH is often not the newest one installed, so all usual directories are
 * searched. A JRE is not enough: the development server is started from its source file.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { readVariable } from "../lib/read-variable.ts";
import { StackError } from "../lib/stack-error.ts";
import { findExecutable } from "./find-executable.ts";

const MIN_MAJOR = 21;
const JVM_DIR = "/usr/lib/jvm";

export interface Java {
  readonly path: string;
  readonly major: number;
  readonly hasCompiler: boolean;
}

/** Parses `openjdk version "25.0.1" …` and the older form `"1.8.0_402"`. */
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
  const javaHome = readVariable("JAVA_HOME");
  const onPath = await findExecutable("java");
  const first = javaHome === undefined ? [] : [join(javaHome, "bin", "java")];
  return [...new Set([...first, ...(onPath === undefined ? [] : [onPath]), ...homes])];
};

/** Returns the first JDK that is new enough. */
export const findJava = async (): Promise<Java> => {
  const found: Java[] = [];
  for (const path of await listCandidates()) {
    const java = await inspect(path);
    if (java === undefined) continue;
    if (java.major >= MIN_MAJOR && java.hasCompiler) return java;
    found.push(java);
  }
  const list = found.map(({ path, major, hasCompiler }) => `${path} (${major}${hasCompiler ? "" : ", no compiler"})`);
  throw new StackError(
    `OpenSearch needs a JDK of version ${MIN_MAJOR} or later. Found: ${list.join(", ") || "none"}.\n` +
      "Install one (for instance Temurin 25, or Debian's openjdk-21-jdk-headless), set JAVA_HOME to one,\n" +
      "or set OPENSEARCH_URL to use an existing cluster.",
  );
};
