/**
 * Builds a package for tests, unless it is up to date. Test files run at the same time, so one of them builds and the others wait.
 */
import { execFile } from "node:child_process";
import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { takeLock } from "../../web-client/node/outbox-lock.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const PACKAGES = {
  "edgelog-web": { folder: "web-client/package", build: "web-client/build-package.ts" },
  "edgelog-node": { folder: "web-client/node-package", build: "web-client/node/build.ts" },
} as const;

export type PackageName = keyof typeof PACKAGES;

const SOURCES = [
  "contract/{check,wire}/*.ts",
  "web-client/*.{ts,json}",
  "web-client/{logger,frameworks,mqtt-slim,node}/**/*.{ts,json}",
  "web-client/{package,node-package}/package.json",
  "package-lock.json",
];

const timeOf = (path: string): number => {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
};

/** Folder of the package, for `npm pack`. The built files are in `lib`. */
export const folderOf = (name: PackageName): string => join(ROOT, PACKAGES[name].folder);

/** Builds the package into its folder `lib`. */
export const buildPackage = async (name: PackageName): Promise<void> => {
  const stamp = join(folderOf(name), ".built");
  let lock = takeLock(`${stamp}.lock`);
  while (lock.state === "taken") {
    await sleep(100);
    lock = takeLock(`${stamp}.lock`);
  }
  try {
    const changedAt = Math.max(...globSync(SOURCES, { cwd: ROOT }).map((path) => timeOf(join(ROOT, path))));
    const isCurrent = timeOf(stamp) > changedAt && timeOf(join(folderOf(name), "lib/index.js")) > 0;
    if (isCurrent) return;
    await promisify(execFile)(process.execPath, [join(ROOT, PACKAGES[name].build)]);
  } finally {
    lock.release();
  }
};
