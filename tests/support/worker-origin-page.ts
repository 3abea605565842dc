/**
 * A page of the Worker's own origin that is not among its pages: bundled here, under the policy that the console has.
 */
import { parse } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import { mqttSlim } from "../../web-client/mqtt-slim/esbuild-plugin.ts";

const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'";

/** Opens it with `entry`, a module's URL, as its script. */
export const openWorkerOriginPage = async (page: Page, origin: string, entry: URL): Promise<void> => {
  const path = fileURLToPath(entry);
  const script = `/own/${parse(path).name}.js`;
  const { outputFiles } = await build({
    entryPoints: [path],
    outdir: "/own",
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    splitting: true,
    write: false,
    plugins: [mqttSlim()],
  });
  const files = new Map(outputFiles.map(({ path: name, text }) => [name, text]));
  await page.route(`${origin}/own/**`, async (route) => {
    const file = files.get(new URL(route.request().url()).pathname);
    await route.fulfill({
      contentType: file === undefined ? "text/html" : "text/javascript",
      headers: { "Content-Security-Policy": POLICY },
      body: file ?? `<!doctype html><title>own</title><script type="module" src="${script}"></script>`,
    });
  });
  // A page that came from here and not from the network counts as one from outside, which may not speak to this machine.
  await page.context().grantPermissions(["local-network-access"], { origin });
  await page.goto(`${origin}/own/`);
};
