/** `npm run test:only` and `npm run test:security`: runs vitest with the given arguments, without the checks of `npm test`. */
import { execa } from "execa";
import { VITEST, withTestHome } from "../lib/test-home.ts";

const exitCode = await withTestHome(async ({ options }) => {
  const result = await execa(process.execPath, [VITEST, "run", ...process.argv.slice(2)], {
    ...options,
    stdio: "inherit",
  });
  return result.exitCode ?? 1;
});
process.exit(exitCode);
