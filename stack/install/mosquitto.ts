/** Finds the broker and installs it if it is missing. */
import { execa } from "execa";
import { StackError } from "../lib/stack-error.ts";
import { installPackages } from "./apt.ts";
import { findExecutable } from "./find-executable.ts";

export interface Mosquitto {
  readonly broker: string;
  readonly version: string;
}

const find = async (): Promise<Mosquitto | undefined> => {
  const broker = await findExecutable("mosquitto");
  if (broker === undefined) return undefined;
  const { stdout } = await execa(broker, ["-h"], { reject: false });
  return { broker, version: /version (\S+)/.exec(stdout)?.[1] ?? "of an unknown version" };
};

/** Returns the installed Mosquitto; installs it if necessary. */
export const ensureMosquitto = async (home: string): Promise<Mosquitto & { readonly wasInstalled: boolean }> => {
  const found = await find();
  if (found !== undefined) return { ...found, wasInstalled: false };
  await installPackages(home, ["mosquitto"]);
  const installed = await find();
  if (installed === undefined) throw new StackError("Mosquitto was installed but is not on the PATH.");
  return { ...installed, wasInstalled: true };
};

/** Installs `mosquitto_pub` and `mosquitto_sub` for the tests if they are missing. */
export const ensureMosquittoClients = async (home: string): Promise<void> => {
  if ((await findExecutable("mosquitto_pub")) === undefined) await installPackages(home, ["mosquitto-clients"]);
};
