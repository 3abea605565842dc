/**
 * Debian's Chromium. Certificates are checked: the only one it takes beside the usual is the server key that is pinned here.
 */
import { createHash, X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext } from "playwright-core";

const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const pinOf = (certificate: Buffer): string => {
  const spki = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("base64");
};

export interface Browser extends AsyncDisposable {
  readonly context: BrowserContext;
}

/** A Chromium on a profile of the caller's. */
export const openChromium = (profile: string, flags: readonly string[] = []): Promise<BrowserContext> =>
  chromium.launchPersistentContext(profile, {
    executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
    headless: true,
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...FLAGS, ...flags],
  });

/** `pinned`: PEM of the one server certificate whose key the page may talk to although no public CA signed it. */
export const startBrowser = async (pinned?: Buffer): Promise<Browser> => {
  const profile = await mkdtemp(join(tmpdir(), "edgelog-chromium-"));
  const context = await openChromium(
    profile,
    pinned === undefined ? [] : [`--ignore-certificate-errors-spki-list=${pinOf(pinned)}`],
  );
  return {
    context,
    async [Symbol.asyncDispose]() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
};
