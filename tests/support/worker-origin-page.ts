/** A test page on the Worker's origin, bundled at run time and served with the console's Content-Security-Policy. */
import { parse } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import { mqttSlim } from "../../web-client/mqtt-slim/esbuild-plugin.ts";

const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'";

/** Opens the page with the module at `entry` as its script. */
export const openWorkerOriginPage = async (page: Page, origin: string, entry: URL): Promise<void> => {
  const path = fileURLToPath(entry);
  const script = `/test-page/${parse(path).name}.js`;
  const { outputFiles } = await build({
    entryPoints: [path],
    outdir: "/test-page",
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    splitting: true,
    write: false,
    plugins: [mqttSlim()],
  });
  const files = new Map(outputFiles.map(({ path: name, text }) => [name, text]));
  await page.route(`${origin}/test-page/**`, async (route) => {
    const file = files.get(new URL(route.request().url()).pathname);
    await route.fulfill({
      contentType: file === undefined ? "text/html" : "text/javascript",
      headers: { "Content-Security-Policy": POLICY },
      body: file ?? `<!doctype html><title>test page</title><script type="module" src="${script}"></script>`,
    });
  });
  // Chromium treats a page fulfilled by the test as a public page, which may not send requests to the loopback address.
  await page.context().grantPermissions(["local-network-access"], { origin });
  await page.goto(`${origin}/test-page/`);
};
