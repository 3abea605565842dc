/** Bundles the Worker into one file with wrangler: the code that `wrangler deploy` uploads. */
import { mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { StackError } from "./stack-error.ts";
import { ROOT_DIR } from "./state-dir.ts";
import { readWranglerConfig, WRANGLER, WRANGLER_TOML } from "./wrangler-config.ts";

const ENV = {
  CI: "1",
  NO_COLOR: "1",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  // The check for a newer version runs with the banner.
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_WRITE_LOGS: "false",
};

const MODULE = "index.js";
/** Files that wrangler writes next to the module. */
const OTHER_FILES = new Set(["README.md", `${MODULE}.map`]);

/** The settings of wrangler.toml that affect the code. Others need the pages, or build them. */
const toBundleConfig = (): object => {
  const { name, main, compatibility_date, compatibility_flags, minify, keep_names } = readWranglerConfig(WRANGLER_TOML);
  return { name, main: join(ROOT_DIR, main ?? ""), compatibility_date, compatibility_flags, minify, keep_names };
};

/** Throws a `StackError` with wrangler's output if the Worker cannot be bundled. */
export const bundleWorker = async (outfile: string): Promise<void> => {
  const dir = await mkdtemp(join(dirname(outfile), "worker-bundle-"));
  try {
    const config = join(dir, "wrangler.json");
    await writeFile(config, JSON.stringify(toBundleConfig()));
    const out = join(dir, "out");
    const args = ["deploy", "--dry-run", "--config", config, "--outdir", out];
    const { failed, all } = await execa(process.execPath, [WRANGLER, ...args], { reject: false, all: true, env: ENV });
    if (failed) throw new StackError(`Could not bundle the Worker:\n${all}`);
    const unexpected = (await readdir(out)).filter((file) => file !== MODULE && !OTHER_FILES.has(file));
    if (unexpected.length > 0) throw new StackError(`The Worker has more than one module: ${unexpected.join(", ")}.`);
    await rename(join(out, MODULE), outfile);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};
