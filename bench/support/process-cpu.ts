/** CPU time of the processes of a stack, from /proc. Linux only. */
import { readdirSync, readFileSync } from "node:fs";
import type { Stack } from "../../stack/stack.ts";

const TICKS_PER_SECOND = 100;

/** `worker` is workerd, and `miniflare` the process that started it. `bench` is this process. */
export const ROLES = ["broker", "relay", "worker", "miniflare", "opensearch", "bench"] as const;
export type Role = (typeof ROLES)[number];

/** CPU seconds by process. `idle`: of all cores together. `busy`: of all processes of the machine. */
export type CpuSeconds = Readonly<Record<Role | "idle" | "busy", number>>;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly cpuSeconds: number;
}

const readProcess = (pid: number): Process | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may contain spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    return { pid, parent: Number(fields[1]), cpuSeconds };
  } catch {
    return undefined;
  }
};

const listProcesses = (): readonly Process[] =>
  readdirSync("/proc").flatMap((name) => {
    const process = /^\d+$/.test(name) ? readProcess(Number(name)) : undefined;
    return process === undefined ? [] : [process];
  });

const readArguments = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
};

const toWorkerRole = (pid: number): Role => (readArguments(pid).includes("workerd serve") ? "worker" : "miniflare");

/** Processes that start later are not found. */
export const findRoles = ({ services }: Pick<Stack, "services">): ReadonlyMap<number, Role> => {
  const all = listProcesses();
  const below = (pid: number): readonly number[] =>
    all.filter(({ parent }) => parent === pid).flatMap((each) => [each.pid, ...below(each.pid)]);
  const roles = new Map<number, Role>([[process.pid, "bench"]]);
  for (const name of ["broker", "relay", "opensearch"] as const) {
    const { pid } = services[name];
    if (pid !== undefined) roles.set(pid, name);
  }
  const { pid } = services.worker;
  if (pid !== undefined) for (const each of [pid, ...below(pid)]) roles.set(each, toWorkerRole(each));
  return roles;
};

export const readCpu = (roles: ReadonlyMap<number, Role>): CpuSeconds => {
  const sums = Object.fromEntries([...ROLES, "idle", "busy"].map((role) => [role, 0])) as Record<
    keyof CpuSeconds,
    number
  >;
  for (const [pid, role] of roles) sums[role] += readProcess(pid)?.cpuSeconds ?? 0;
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n", 1);
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softIrq = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  sums.idle = (idle + wait) / TICKS_PER_SECOND;
  sums.busy = (user + nice + system + irq + softIrq) / TICKS_PER_SECOND;
  return sums;
};

/** CPU time since an earlier reading. */
export const cpuSince = (earlier: CpuSeconds, roles: ReadonlyMap<number, Role>): CpuSeconds => {
  const now = readCpu(roles);
  return Object.fromEntries(
    Object.entries(now).map(([role, seconds]) => [role, seconds - earlier[role as keyof CpuSeconds]]),
  ) as unknown as CpuSeconds;
};
