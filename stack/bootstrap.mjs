/**
 * Entry point of every npm script on a fresh clone; runs on plain Node 20 without packages. Installs the npm packages when
 * they do not match package-lock.json, then runs the program in its first argument on the Node version among the packages.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const PARENT_POLL_MS = 500;

const NEED_OPENSEARCH = ["stack/commands/start.ts", "stack/commands/test.ts"];

const root = fileURLToPath(new URL("../", import.meta.url));
const node = join(root, "node_modules", "node", "bin", "node");
const [program, ...args] = process.argv.slice(2);

/** npm writes this record last, so it is missing after an interrupted installation. */
const isInstalled = () => {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record) || !existsSync(node)) return false;
  const installed = JSON.parse(readFileSync(record, "utf8")).packages;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(wanted).every(
    // Optional packages of other platforms are not installed.
    ([path, { version, optional }]) => path === "" || optional === true || installed[path]?.version === version,
  );
};

const fail = (message, code = 1) => {
  console.error(message);
  process.exit(code);
};

if (program === undefined || !existsSync(join(root, program))) {
  fail(`Program not found: ${program ?? "(no argument)"}. See the scripts in package.json.`, 2);
}

/**
 * Downloads OpenSearch to Maven's cache while npm installs the packages, because that takes a minute. Afterwards
 * install/opensearch-jars.ts downloads the rest, and reports errors. Returns a function that ends it.
 */
const startDownload = () => {
  const server = join(root, "opensearch", "server");
  const isNeeded = NEED_OPENSEARCH.includes(program) && !process.env.OPENSEARCH_URL;
  if (!isNeeded || existsSync(join(server, "lib"))) return () => {};
  const args = ["-B", "-q", "-f", join(server, "pom.xml"), "dependency:resolve"];
  const maven = spawn("mvn", args, { stdio: "ignore" }).on("error", () => {});
  return () => maven.kill();
};

if (!isInstalled()) {
  console.log("Installing npm packages …");
  const endDownload = startDownload();
  const { status, error } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, npm_config_update_notifier: "false" },
  });
  endDownload();
  if (error !== undefined) fail(`Could not run npm: ${error.message}`);
  if (status !== 0) fail("`npm ci` failed, see above. Usual causes: a full disk, no network.");
  if (!existsSync(node))
    fail("`npm ci` did not install Node 24 (package `node`). Is `ignore-scripts` set in your npmrc?");
}

const child = spawn(node, [join(root, program), ...args], {
  stdio: "inherit",
  env: {
    ...process.env,
    PATH: [join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter),
    npm_config_update_notifier: "false",
    // Node keeps compiled code here, and every program starts in about two thirds of the time from the second time on.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, "node_modules", ".cache", "node"),
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
  },
});
// The terminal sends Ctrl-C to the child too, and npm forwards it here; the child treats signals close together as one.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
// npm runs this through a shell. A SIGTERM to npm ends the shell without signalling this process, so watch the parent.
if (process.env.npm_lifecycle_event !== undefined) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill("SIGTERM");
  }, PARENT_POLL_MS);
}
child.on("error", (error) => fail(`Could not run ${node}: ${error.message}`));
child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
