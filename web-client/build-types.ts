/**
 * Writes the declarations of a package with tsc. They import the contract by relative paths, because TypeScript with `moduleResolution`
 * `node10` does not read `imports` of package.json.
 */
import { execFileSync } from "node:child_process";
import { globSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

/** `project` is the path of the tsconfig, which writes to `folder`. */
export const buildTypes = async (project: string, folder: string): Promise<void> => {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", project], { stdio: "inherit" });
  for (const path of globSync("**/*.d.ts", { cwd: folder })) {
    const text = await readFile(join(folder, path), "utf8");
    const contract = relative(dirname(path), "contract");
    const prefix = contract.startsWith(".") ? contract : `./${contract}`;
    await writeFile(join(folder, path), text.replaceAll('"#contract/', `"${prefix}/`));
  }
};
