/** Tests make-credentials.sh when some of its files were lost. */
import { chown, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeHome } from "../../../tests/support/make-home.ts";
import { ROOT_DIR } from "../../../stack/lib/state-dir.ts";

const SCRIPT = join(ROOT_DIR, "broker", "mosquitto", "make-credentials.sh");
const [OWNER, GROUP] = [1883, 1884];

let home: string;

const make = (dir: string, ...args: string[]) => execa(SCRIPT, ["--dir", dir, ...args], { reject: false, all: true });

beforeAll(async () => {
  home = await makeHome("lost-credentials");
});

afterAll(() => rm(home, { recursive: true, force: true }));

describe("make-credentials.sh", () => {
  it("stops if only ca.crt was removed, and keeps its key", async () => {
    const dir = join(home, "ca");
    await make(dir);
    const readAll = () => Promise.all(["ca.key", "server.crt"].map((file) => readFile(join(dir, file), "utf8")));
    const before = await readAll();
    await rm(join(dir, "ca.crt"));
    for (const args of [[], ["--renew"]]) {
      expect(await make(dir, ...args)).toMatchObject({ exitCode: 2, all: expect.stringMatching(/ca\.crt is missing/) });
    }
    expect(await make(dir, "--check")).toMatchObject({ exitCode: 1, all: expect.stringMatching(/ca\.crt: MISSING/) });
    expect(await readAll()).toEqual(before);
    await rm(join(dir, "ca.key"));
    expect(await make(dir, "--check")).toMatchObject({ exitCode: 1, all: expect.stringMatching(/ca\.crt: MISSING/) });
  });

  it.runIf(process.getuid?.() === 0).each([
    { lost: ["server.key"], kept: "server.crt" },
    { lost: ["server.crt"], kept: "server.key" },
    { lost: ["server.key", "server.crt"], kept: "ca.crt" },
  ])("gives $lost the owner of $kept", async ({ lost, kept }) => {
    const dir = await mkdtemp(join(home, "lost-"));
    await make(dir);
    for (const file of ["ca.crt", "server.crt", "server.key"]) await chown(join(dir, file), OWNER, GROUP);
    for (const file of lost) await rm(join(dir, file));
    expect(await make(dir)).toMatchObject({ exitCode: 0 });
    for (const file of ["server.crt", "server.key", kept])
      expect(await stat(join(dir, file))).toMatchObject({ uid: OWNER, gid: GROUP });
    expect((await stat(join(dir, "server.key"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dir, "ca.key"))).uid).toBe(0);
  });
});
