/**
 * Detects whether a process recorded earlier is still the same one. Process ids are reused, so a process is identified by
 * its id and start time, read from /proc on Linux and from `ps` elsewhere.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";

/** Identifies one process. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Boot id and start time; compare for equality only. */
  readonly started: string;
}

interface ProcStat {
  readonly state: string;
  readonly group: number;
  readonly startTicks: string;
}

const isLinux = process.platform === "linux";

const readStat = (pid: number | string): ProcStat | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command name is in parentheses and may itself contain spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "X", group: Number(fields[2]), startTicks: fields[19] ?? "" };
  } catch {
    return undefined;
  }
};

const isDead = (stat: ProcStat): boolean => stat.state === "Z" || stat.state === "X";

const readBootId = (): string => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

const readStarted = (pid: number): string | undefined => {
  if (isLinux) {
    const stat = readStat(pid);
    return stat === undefined || isDead(stat) ? undefined : `${readBootId()}/${stat.startTicks}`;
  }
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
  } catch {
    return undefined;
  }
};

/** Identifies a running process; `undefined` when it has exited. */
export const identify = (pid: number): ProcessIdentity | undefined => {
  const started = readStarted(pid);
  return started === undefined ? undefined : { pid, started };
};

/** Whether this process is still running. */
export const isAlive = ({ pid, started }: ProcessIdentity): boolean => readStarted(pid) === started;

/** Ids of the running processes in a process group. */
const listMembers = (group: number): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const stat = readStat(pid);
      return stat !== undefined && stat.group === group && !isDead(stat);
    });

/** Whether any process of this group is running. */
export const isGroupAlive = (group: number): boolean => {
  if (isLinux) return listMembers(group).length > 0;
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
};

/**
 * Whether the group with this leader is still the same group, even when the leader has exited and other processes remain.
 * A group id is not reused while the group has processes; `marker` in their environment identifies the owner.
 */
export const isSameGroup = (leader: ProcessIdentity, marker: string): boolean => {
  if (isAlive(leader)) return true;
  if (!isLinux || !leader.started.startsWith(readBootId()) || identify(leader.pid) !== undefined) return false;
  return listMembers(leader.pid).some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(marker);
    } catch {
      return false;
    }
  });
};
