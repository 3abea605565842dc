import { readFileSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../src/config.ts";
import { readSecretFiles } from "../src/secret-files.ts";

const REQUIRED = {
  RELAY_BROKER_PASSWORD: "broker-password",
  RELAY_CLIENT_ID: "a-client-id-of-twenty-characters",
  RELAY_WORKER_URL: "https://worker.example",
  RELAY_TOKEN: "elt_0123456789012345678901234567890123456789",
};

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

describe(parseConfig, () => {
  it("needs only the four required variables", () => {
    expect(parseConfig(REQUIRED)).toMatchObject({ maxInFlight: 3, handoverFile: undefined });
  });

  it("reports missing and invalid variables by name, without their values", () => {
    const { RELAY_TOKEN: _, ...others } = REQUIRED;
    const parse = () => parseConfig({ ...others, RELAY_BROKER_PASSWORD: "secret", RELAY_CLIENT_ID: "short-secret" });
    expect(parse).toThrow(/RELAY_CLIENT_ID.*RELAY_TOKEN/);
    expect(parse).not.toThrow(/secret/);
  });

  it("uses the default of an empty variable, also for the address of its listener", () => {
    const empty = { RELAY_HTTP_HOST: "", RELAY_HTTP_PORT: "", RELAY_BROKER_URL: "", RELAY_USERS_FILE: "" };
    expect(parseConfig({ ...REQUIRED, ...empty })).toEqual(parseConfig(REQUIRED));
    expect(parseConfig(REQUIRED).http).toEqual({ host: "127.0.0.1", port: 9_464 });
    expect(() => parseConfig({ ...REQUIRED, RELAY_TOKEN: "" })).toThrow("RELAY_TOKEN");
  });

  it.each([
    ["RELAY_WORKER_URL", "mqtt://worker.example"],
    ["RELAY_BROKER_URL", "https://broker.example"],
  ])("refuses a URL with the wrong protocol: %s=%s", (name, url) => {
    expect(() => parseConfig({ ...REQUIRED, [name]: url })).toThrow(name);
  });

  it("reads exactly the RELAY_ variables listed in README.md", () => {
    const names = (text: string, pattern: RegExp) =>
      [...text.matchAll(pattern)].map(([, name = ""]) => name).toSorted();
    expect(names(read("../README.md"), /^\| `(RELAY_\w+)` \|/gm)).toEqual(
      names(read("../src/config.ts"), /^ {2}(RELAY_\w+): z/gm),
    );
  });
});

describe(readSecretFiles, () => {
  it("reads secrets with any characters, without the line feed of an editor", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "relay-secret-")), "password");
    await writeFile(file, "a $(b) 'c' \"d\" #%@\n");
    const variables = readSecretFiles({ RELAY_BROKER_PASSWORD_FILE: file, RELAY_TOKEN: "from the environment" });
    expect(variables["RELAY_BROKER_PASSWORD"]).toBe("a $(b) 'c' \"d\" #%@");
    expect(variables["RELAY_TOKEN"]).toBe("from the environment");
  });

  it("ignores an empty path", () => {
    expect(readSecretFiles({ RELAY_TOKEN_FILE: "", RELAY_TOKEN: "token" })).toMatchObject({ RELAY_TOKEN: "token" });
  });

  it("names the variable of a file that cannot be read", () => {
    expect(() => readSecretFiles({ RELAY_TOKEN_FILE: "/nonexistent/token" })).toThrow(
      "RELAY_TOKEN_FILE cannot be read",
    );
  });
});
