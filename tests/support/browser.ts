/** Starts Chromium. Certificates are verified; a server key of a private CA can be pinned. */
import { createHash, X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext } from "playwright-core";
import { ensureChromium } from "../../stack/install/chromium.ts";
import { defaultHome } from "../../stack/lib/state-dir.ts";

const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const toPin = (certificate: Buffer): string => {
  const spki = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("base64");
};

export interface Browser extends AsyncDisposable {
  readonly context: BrowserContext;
}

/** Opens Chromium with the profile directory `profile`. Installs it if it is missing. */
export const openChromium = async (profile: string, flags: readonly string[] = []): Promise<BrowserContext> =>
  chromium.launchPersistentContext(profile, {
    executablePath: process.env["CHROMIUM_PATH"] ?? (await ensureChromium(defaultHome())),
    headless: true,
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...FLAGS, ...flags],
  });

/** `pinned`: PEM of a server certificate to trust although no public CA signed it. */
export const startBrowser = async (pinned?: Buffer): Promise<Browser> => {
  const profile = await mkdtemp(join(tmpdir(), "edgelog-chromium-"));
  const context = await openChromium(
    profile,
    pinned === undefined ? [] : [`--ignore-certificate-errors-spki-list=${toPin(pinned)}`],
  );
  return {
    context,
    async [Symbol.asyncDispose]() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
};
