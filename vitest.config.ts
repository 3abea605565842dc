/**
 * One run for all parts. Files run one after another: the tests start real servers, and two cores are soon busy.
 */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{contract,worker,broker,opensearch,web-client,stack}/**/tests/**/*.test.ts", "tests/**/*.test.ts"],
    exclude: ["**/node_modules/**", "web-client/package/lib/**"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 180_000,
    // What a browser or a server does next may take its time on a busy machine; a poll ends when it is done.
    expect: { poll: { timeout: 10_000 } },
  },
});
