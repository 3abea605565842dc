/**
 * Checks what is at a path before it is opened, replaced or deleted: a write to a device is lost, a FIFO blocks, and a rename replaces each
 * of them.
 */
import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { dirname, isAbsolute } from "node:path";

/** The limit of Linux. */
const MAX_LINKS = 40;

const kindOf = (found: Stats): string => {
  if (found.isDirectory()) return "a directory";
  if (found.isSymbolicLink()) return "a symbolic link";
  if (found.isFIFO()) return "a FIFO";
  return found.isSocket() ? "a socket" : "a device";
};

/** Throws if there is something at the path that is not a regular file. A symbolic link is not a regular file. */
export const requireRegular = (path: string): void => {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found && !found.isFile()) throw new Error(`${path} is ${kindOf(found)}, not a regular file`);
};

/** The path to which symbolic links lead, also if nothing is there. Throws if it is not the path of a regular file. */
export const followLinks = (path: string): string => {
  if (path === "") throw new Error("the path is empty");
  let target = path;
  for (let i = 0; i < MAX_LINKS && lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink(); i += 1) {
    const next = readlinkSync(target);
    // `join` would resolve `..` although the folder before it can be a link.
    target = isAbsolute(next) ? next : `${dirname(target)}/${next}`;
  }
  requireRegular(target);
  return target;
};
