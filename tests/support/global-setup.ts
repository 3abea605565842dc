/** Global setup of vitest. Each project of vitest.config.ts calls it, in the same process. */
import { rm } from "node:fs/promises";
import { makeHome } from "./make-home.ts";
import { buildPages } from "../../stack/lib/build-pages.ts";
import { POOL_PORT_VARIABLE } from "./opensearch/lease.ts";
import { startOpenSearchPool } from "./opensearch/pool.ts";

/** The servers of tests live for minutes: Java's first compiler and simplest garbage collector use the least CPU. */
const JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

/**
 * Builds demo and console before the test files start, so that no two files build them at the same time and one of them opens a
 * page whose scripts the other has just replaced. Opens the pool of OpenSearch nodes.
 */
export const setup = async (): Promise<(() => Promise<void>) | undefined> => {
  if (process.env[POOL_PORT_VARIABLE] !== undefined) return undefined;
  process.env["OPENSEARCH_JAVA_OPTS"] ??= JAVA_OPTIONS;
  await buildPages();
  const home = await makeHome("edgelog-pool");
  const pool = await startOpenSearchPool(home);
  process.env[POOL_PORT_VARIABLE] = String(pool.port);
  return async () => {
    await pool[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  };
};
