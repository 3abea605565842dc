/** Finds the browser for the tests and installs it if it is missing. */
import { StackError } from "../lib/stack-error.ts";
import { installPackages } from "./apt.ts";
import { findExecutable } from "./find-executable.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

const find = async (): Promise<string | undefined> => {
  for (const name of NAMES) {
    const path = await findExecutable(name);
    if (path !== undefined) return path;
  }
  return undefined;
};

/** Returns the path of the browser. */
export const ensureChromium = async (home: string): Promise<string> => {
  const found = await find();
  if (found !== undefined) return found;
  await installPackages(home, ["chromium"]);
  const installed = await find();
  if (installed === undefined) throw new StackError("Chromium was installed but is not on the PATH.");
  return installed;
};
