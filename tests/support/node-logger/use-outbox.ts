/** Gives each test of a file an empty folder for the outbox of the built `edgelog-node`, and ends its program. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach } from "vitest";
import { buildPackage } from "../build-package.ts";
import { readBodies } from "./read-bodies.ts";
import { startProgram, type Program, type ProgramOptions } from "./start-program.ts";

export interface Outbox {
  /** Path of a file in the folder. */
  pathOf(name: string): string;
  /** Path of the outbox. */
  readonly path: string;
  /** Options of `createLogger` with this outbox, for a server that does not exist. */
  readonly options: object;
  /** Bodies of the stored events. */
  readBodies(): Promise<readonly string[]>;
  /** Starts a program with these options. It is killed after the test. */
  start(code: string, options?: Omit<ProgramOptions, "options">): Program;
}

/** Call it once in a test file. The result is valid in its tests. */
export const useOutbox = (): Outbox => {
  let folder = "";
  let program: Program | undefined;
  beforeAll(() => buildPackage("edgelog-node"));
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "edgelog-outbox-"));
  });
  afterEach(async () => {
    await program?.kill();
    await rm(folder, { recursive: true, force: true });
  });
  const outbox: Outbox = {
    pathOf: (name) => join(folder, name),
    get path() {
      return join(folder, "outbox");
    },
    get options() {
      return { app: "shop", key: "k", endpoint: "http://127.0.0.1:9", outbox: outbox.path };
    },
    readBodies: () => readBodies(outbox.path),
    start(code, options) {
      program = startProgram(code, { ...options, options: outbox.options });
      return program;
    },
  };
  return outbox;
};
