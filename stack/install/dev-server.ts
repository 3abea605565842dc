/**
 * Compiles the development server of OpenSearch. A compiled class lets Java keep an archive of all loaded classes (class
 * data sharing), with which OpenSearch starts in a third of the time. https://docs.oracle.com/en/java/javase/25/vm/class-data-sharing.html
 */
import { createHash } from "node:crypto";
import { access, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import type { Java } from "./java.ts";
import { SERVER_DIR } from "./opensearch-jars.ts";

const SOURCE = join(SERVER_DIR, "DevServer.java");

/** Below `lib`, so that a download of other jars deletes the compiled class and the archive as well. */
const DIRECTORY = "dev-server";

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Compiles the class if the source or the Java version has changed. Returns the path of the jar that contains it. */
export const ensureDevServer = async (java: Java, lib: string): Promise<string> => {
  const hash = createHash("sha256")
    .update(await readFile(SOURCE))
    .update(java.path)
    .update(String(java.major));
  const jar = join(lib, DIRECTORY, `${hash.digest("hex").slice(0, 16)}.jar`);
  if (await exists(jar)) return jar;
  await mkdir(dirname(jar), { recursive: true });
  const draft = await mkdtemp(join(dirname(jar), "draft-"));
  const bin = dirname(java.path);
  await execa(join(bin, "javac"), ["-cp", join(lib, "*"), "-d", join(draft, "classes"), SOURCE]);
  await execa(join(bin, "jar"), [
    "--create",
    "--file",
    join(draft, "dev-server.jar"),
    "-C",
    join(draft, "classes"),
    ".",
  ]);
  await rename(join(draft, "dev-server.jar"), jar);
  await rm(draft, { recursive: true });
  return jar;
};

/**
 * Java's options for the archive next to `jar`. Java creates it when the first server exits, replaces it when the Java
 * version or a jar has changed, and starts without it when it cannot be read.
 */
export const toArchiveOptions = (jar: string): string[] => [
  "-XX:+AutoCreateSharedArchive",
  `-XX:SharedArchiveFile=${jar.replace(/\.jar$/, ".jsa")}`,
  "-Xlog:cds*=error", // otherwise one warning for each class that cannot be archived
];
