/** One configuration for all tests. Files run sequentially, because tests start real servers that use all cores. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{contract,worker,broker,opensearch,web-client,stack}/**/tests/**/*.test.ts", "tests/**/*.test.ts"],
    exclude: ["**/node_modules/**", "web-client/package/lib/**"],
    fileParallelism: false,
    // The servers of tests live for seconds: Java's first compiler and simplest garbage collector use the least CPU.
    env: { OPENSEARCH_JAVA_OPTS: "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" },
    testTimeout: 60_000,
    hookTimeout: 180_000,
    // Upper bound for slow browsers and servers; polls end as soon as their condition is met.
    expect: { poll: { timeout: 10_000 } },
  },
});
