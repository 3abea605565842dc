/** The files for one host: units of systemd, the example of settings, and the service of compose.yaml use existing settings. */
import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseServerConfig } from "../../worker/node/server-config.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";

const read = (path: string): string => readFileSync(join(ROOT_DIR, path), "utf8");

const documented = new Set(read("docs/reference/configuration.md").match(/\b[A-Z][A-Z_]+[A-Z]\b/g));
const units = globSync("deploy/single-host/*.service", { cwd: ROOT_DIR }).toSorted();

const SECRETS = {
  OPENSEARCH_URL: "https://u:p@localhost:9200",
  RELAY_TOKEN: "t".repeat(32),
  BROKER_URL: "http://127.0.0.1:9001",
};

/** Lines `NAME=value`, also those that are commented out as suggestions. */
const readSettings = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...text.matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]));

/** `systemd-analyze verify` also reports programs that are not installed. */
const canVerify = ["/usr/bin/systemd-analyze", "/usr/bin/node", "/usr/sbin/mosquitto"].every((path) =>
  existsSync(path),
);

describe("the units of systemd", () => {
  it.each(units)("%s is valid", (unit) => {
    if (canVerify) execFileSync("systemd-analyze", ["verify", "--man=no", join(ROOT_DIR, unit)]);
    const text = read(unit);
    for (const setting of [
      "ProtectSystem=strict",
      "NoNewPrivileges=yes",
      "Restart=always",
      "CapabilityBoundingSet=",
      "MemoryMax=",
    ]) {
      expect(text).toContain(`\n${setting}`);
    }
  });

  it("set variables that exist", () => {
    const names = units.flatMap((unit) =>
      [...read(unit).matchAll(/^Environment=([A-Z_]+)=/gm)].map(([, name = ""]) => name),
    );
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !documented.has(name) && !name.startsWith("MALLOC_"))).toEqual([]);
  });

  it("start the server when the clock is synchronized", () => {
    const [, after = ""] = /^After=(.*)$/m.exec(read("deploy/single-host/edgelog.service")) ?? [];
    expect(after.split(" ")).toContain("time-sync.target");
  });

  it("give the server time to finish its requests", () => {
    const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(read("deploy/single-host/edgelog.service")) ?? [];
    const { drainMs } = parseServerConfig({ ...SECRETS, SERVER_STATE_DIR: "/state" });
    expect(Number(seconds) * 1_000).toBeGreaterThan(drainMs + 5_000);
  });
});

it("the example of settings is accepted by the server", () => {
  const settings = readSettings(read("deploy/single-host/server.env.example"));
  expect(Object.keys(settings).filter((name) => !documented.has(name))).toEqual([]);
  const config = parseServerConfig({ ...SECRETS, ...settings, STATE_DIRECTORY: "/var/lib/edgelog" });
  expect(config).toMatchObject({ stateDir: "/var/lib/edgelog", tls: { port: 443 } });
});

it("the service of compose.yaml sets variables that exist", () => {
  const [, section = ""] = /^ {2}server:[^\n]*\n((?: {4}.*\n|\n)+)/m.exec(read("compose.yaml")) ?? [];
  const names = [...section.matchAll(/^ {6}([A-Z_]+):/gm)].map(([, name = ""]) => name);
  expect(names).toContain("SERVER_TLS_CERT");
  // Settings of the server that operators change, with the name of the variable in .env.
  const optional = ["LEGACY_APP", "LONG_INDICES_FROM", "RELAY_TOKEN_PREVIOUS", "RETENTION_MAX_BYTES"];
  expect(names).toEqual(expect.arrayContaining([...optional, "RETENTION_MAX_DISK_PERCENT"]));
  expect(names.filter((name) => !documented.has(name) && name !== "NODE_TLS_REJECT_UNAUTHORIZED")).toEqual([]);
});
