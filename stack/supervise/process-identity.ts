/**
 * Tells whether a process noted earlier is still the same one. Process ids are used again, so an id counts only together
 * with the time that process started. Linux tells by /proc; elsewhere `ps` does.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";

/** A process, for as long as it lives. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Boot and start time, comparable for equality only. */
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
    // The command's name, in brackets, may hold blanks and brackets of its own.
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

/** Notes a living process; `undefined` when it is gone already. */
export const identify = (pid: number): ProcessIdentity | undefined => {
  const started = readStarted(pid);
  return started === undefined ? undefined : { pid, started };
};

/** Whether this very process still lives. */
export const isAlive = ({ pid, started }: ProcessIdentity): boolean => readStarted(pid) === started;

/** Ids of the living members of a process group. */
const livingMembers = (group: number): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const stat = readStat(pid);
      return stat !== undefined && stat.group === group && !isDead(stat);
    });

/** Whether anything of this process group lives. */
export const isGroupAlive = (group: number): boolean => {
  if (isLinux) return livingMembers(group).length > 0;
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
};

/**
 * Whether the group led by this process is still its group, also when the leader is gone and left members behind. While
 * a group has members its number is not given to a new process; members show by their environment whose they are.
 */
export const isSameGroup = (leader: ProcessIdentity, marker: string): boolean => {
  if (isAlive(leader)) return true;
  if (!isLinux || !leader.started.startsWith(readBootId()) || identify(leader.pid) !== undefined) return false;
  return livingMembers(leader.pid).some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(marker);
    } catch {
      return false;
    }
  });
};
