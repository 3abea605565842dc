/**
 * The process that listens on a port, for an error message. Read from /proc, so only processes of this user on Linux are
 * found.
 */
import { readdir, readFile, readlink } from "node:fs/promises";

const LISTEN = "0A";

const socketsOn = async (port: number): Promise<ReadonlySet<string>> => {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((table) => readFile(`/proc/net/${table}`, "utf8").catch(() => "")),
  );
  const rows = tables.flatMap((table) => table.split("\n").map((line) => line.trim().split(/\s+/)));
  const listening = rows.filter((row) => row[1]?.endsWith(suffix) === true && row[3] === LISTEN);
  return new Set(listening.map((row) => `socket:[${row[9]}]`));
};

const hasSocketOpen = async (pid: string, sockets: ReadonlySet<string>): Promise<boolean> => {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const descriptor of descriptors) {
    if (sockets.has(await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => ""))) return true;
  }
  return false;
};

/** Returns for instance `process 4711 (nginx -g daemon off;)`. */
export const describePortOwner = async (port: number): Promise<string> => {
  const sockets = await socketsOn(port);
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of sockets.size > 0 ? pids : []) {
    if (!(await hasSocketOpen(pid, sockets))) continue;
    const command = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ").trim();
    return `process ${pid} (${command.slice(0, 120)})`;
  }
  return "an unknown process";
};
