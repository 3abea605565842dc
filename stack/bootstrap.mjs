/**
 * First thing that runs on a fresh clone: plain Node 20, no packages. Installs the npm packages when package-lock.json
 * is not the one they were installed from, then hands over to the program named first, on the Node that is among them.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const PARENT_POLL_MS = 500;

const root = fileURLToPath(new URL("../", import.meta.url));
const node = join(root, "node_modules", "node", "bin", "node");
const [program, ...args] = process.argv.slice(2);

/** npm's own record of what it installed, written last: after an interrupted installation there is none. */
const isInstalled = () => {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record) || !existsSync(node)) return false;
  const installed = JSON.parse(readFileSync(record, "utf8")).packages;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(wanted).every(
    // Optional packages are for other platforms too.
    ([path, { version, optional }]) => path === "" || optional === true || installed[path]?.version === version,
  );
};

const fail = (message, code = 1) => {
  console.error(message);
  process.exit(code);
};

if (program === undefined || !existsSync(join(root, program))) {
  fail(`There is no program ${program ?? "(none named)"} here. See the scripts in package.json.`, 2);
}

if (!isInstalled()) {
  console.log("Installing npm packages, as package-lock.json asks for …");
  const { status, error } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, npm_config_update_notifier: "false" },
  });
  if (error !== undefined) fail(`npm could not be run: ${error.message}`);
  if (status !== 0) fail("`npm ci` failed; its message is above. A full disk or no network are the usual reasons.");
  if (!existsSync(node))
    fail("`npm ci` did not install Node 24 (package `node`): is `ignore-scripts` set in your npmrc?");
}

const child = spawn(node, [join(root, program), ...args], {
  stdio: "inherit",
  env: {
    ...process.env,
    PATH: [join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter),
    npm_config_update_notifier: "false",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
  },
});
// Ctrl-C reaches the child by itself, and npm passes it on to us as well: the child takes signals close together as one.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
// npm starts us by way of a shell, which a SIGTERM to npm ends without a word to us: notice that it is gone.
if (process.env.npm_lifecycle_event !== undefined) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill("SIGTERM");
  }, PARENT_POLL_MS);
}
child.on("error", (error) => fail(`${node} could not be run: ${error.message}`));
child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
