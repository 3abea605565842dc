/** Tests the certificates of make-credentials.sh with a TLS client and with a real broker. */
import { X509Certificate } from "node:crypto";
import { chmod, chown, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY_MS } from "#contract/wire/durations.ts";
import { makeHome } from "../../../tests/support/make-home.ts";
import { startBroker, type Broker } from "../../../stack/services/broker.ts";
import { pathsOf, ROOT_DIR } from "../../../stack/lib/state-dir.ts";

const SCRIPT = join(ROOT_DIR, "broker", "mosquitto", "make-credentials.sh");
const MAX_SERVER_DAYS = 398;

let home: string;

const make = (dir: string, ...args: string[]) => execa(SCRIPT, ["--dir", dir, ...args], { reject: false, all: true });
const readCertificate = async (path: string): Promise<X509Certificate> => new X509Certificate(await readFile(path));

/** Resolves to the serial number of the server certificate. Rejects if the client does not trust it. */
const handshake = (port: number, servername: string, ca: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", servername, ca });
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
  });

beforeAll(async () => {
  home = await makeHome("credentials");
});

afterAll(() => rm(home, { recursive: true, force: true }));

describe("make-credentials.sh", () => {
  it("creates a CA and a server certificate with all names and the extensions that clients require", async () => {
    const dir = join(home, "fresh");
    await make(dir, "broker.example.org", "192.0.2.7", "2001:db8::7");
    const ca = await readCertificate(join(dir, "ca.crt"));
    const server = await readCertificate(join(dir, "server.crt"));
    expect(ca.ca).toBe(true);
    expect(server.ca).toBe(false);
    expect(server.checkIssued(ca)).toBe(true);
    expect(server.verify(ca.publicKey)).toBe(true);
    expect(server.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    for (const name of ["localhost", "broker.example.org"]) expect(server.checkHost(name)).toBe(name);
    for (const address of ["127.0.0.1", "::1", "192.0.2.7", "2001:db8::7"])
      expect(server.checkIP(address)).toBe(address);
    expect(server.validToDate.getTime() - server.validFromDate.getTime()).toBeLessThan(MAX_SERVER_DAYS * DAY_MS);
    for (const key of ["ca.key", "server.key"]) expect((await stat(join(dir, key))).mode & 0o777).toBe(0o600);
  });

  it("keeps valid certificates, and replaces the server certificate for an additional name", async () => {
    const dir = join(home, "again");
    await make(dir);
    const first = await readFile(join(dir, "server.crt"), "utf8");
    const { all, exitCode } = await make(dir);
    expect([all, exitCode]).toEqual(["", 0]);
    expect(await readFile(join(dir, "server.crt"), "utf8")).toBe(first);
    await make(dir, "other.example.org");
    expect((await readCertificate(join(dir, "server.crt"))).checkHost("other.example.org")).toBe("other.example.org");
  });

  it.each([
    { note: "with --renew", args: ["--renew"], isNew: true },
    { note: "with --renew and a name that is present", args: ["--renew", "192.0.2.7"], isNew: true },
    { note: "without arguments, as from a timer", args: [], isNew: false },
    { note: "for an additional name", args: ["more.example.org"], isNew: true },
  ])("keeps the names of the present certificate $note", async ({ args, isNew }) => {
    const dir = join(home, `names-${args.join("-")}`);
    await make(dir, "broker.example.org", "*.devices.example.org", "192.0.2.7", "2001:db8::7");
    const before = await readCertificate(join(dir, "server.crt"));
    for (let run = 0; run < 2; run += 1) expect(await make(dir, ...args)).toMatchObject({ exitCode: 0 });
    const server = await readCertificate(join(dir, "server.crt"));
    expect(server.serialNumber === before.serialNumber).toBe(!isNew);
    for (const name of ["localhost", "broker.example.org", "a.devices.example.org"]) {
      expect(server.checkHost(name)).toBeDefined();
    }
    for (const address of ["127.0.0.1", "::1", "192.0.2.7", "2001:db8::7"])
      expect(server.checkIP(address)).toBe(address);
    const names = (server.subjectAltName ?? "").split(", ");
    expect(new Set(names).size).toBe(names.length);
  });

  it("leaves out names that are not given again with --only", async () => {
    const dir = join(home, "only");
    await make(dir, "old.example.org");
    await make(dir, "--renew", "--only", "new.example.org");
    const server = await readCertificate(join(dir, "server.crt"));
    expect(server.checkHost("new.example.org")).toBe("new.example.org");
    expect(server.checkHost("old.example.org")).toBeUndefined();
  });

  it("creates client certificates that are not valid for servers", async () => {
    const dir = join(home, "client");
    await make(dir, "--client", "phone");
    const client = await readCertificate(join(dir, "client-phone.crt"));
    expect(client.subject).toBe("CN=phone");
    expect(client.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  });

  it.each([
    { args: ["--unknown"], message: /unknown option/ },
    { args: ["--client"], message: /needs a value/ },
    { args: ["a,DNS:b"], message: /not a valid name/ },
  ])("refuses $args", async ({ args, message }) => {
    const { exitCode, all } = await make(join(home, "refused"), ...args);
    expect(exitCode).toBe(2);
    expect(all).toMatch(message);
  });
});

/** A certificate of another CA, as an operator gets it from a public one. Returns the directory. */
const makeExternal = async (name: string, days = 90): Promise<string> => {
  const dir = join(home, name);
  await mkdir(dir);
  const request = `req -x509 -newkey rsa:2048 -nodes -subj /CN=${name} -addext subjectAltName=DNS:${name} -days ${days}`;
  await execa("openssl", [...request.split(" "), "-keyout", join(dir, "server.key"), "-out", join(dir, "server.crt")]);
  return dir;
};

const copyPair = (from: string, to: string): Promise<unknown> =>
  Promise.all(["server.crt", "server.key"].map((file) => copyFile(join(from, file), join(to, file))));

const readPair = (dir: string): Promise<string[]> =>
  Promise.all(["server.crt", "server.key"].map((file) => readFile(join(dir, file), "utf8")));

describe("a server certificate of another CA", () => {
  it.each([
    { note: "from a timer", args: [], days: 90, expiry: /valid until/ },
    { note: "for a name that it lacks", args: ["more.example.org"], days: 90, expiry: /valid until/ },
    { note: "that expires soon", args: [], days: 7, expiry: /server\.crt: EXPIRES/ },
  ])("stays unchanged $note, and its expiry is reported", async ({ note, args, days, expiry }) => {
    const external = await makeExternal(`external-${days}-${args.join("")}`, days);
    const dir = join(home, `external ${note}`);
    await make(dir, "broker.example.org");
    await copyPair(external, dir);
    const { all, exitCode } = await make(dir, ...args);
    expect(all).toMatch(/not signed by .*ca\.crt and stays unchanged; --renew replaces it/);
    expect(all).toMatch(expiry);
    expect(exitCode).toBe(0);
    expect(await readPair(dir)).toEqual(await readPair(external));
  });

  it("stays unchanged before the first run", async () => {
    const dir = await makeExternal("external-first");
    const before = await readPair(dir);
    await make(dir);
    expect(await readPair(dir)).toEqual(before);
    expect((await readCertificate(join(dir, "ca.crt"))).ca).toBe(true);
  });

  it("stays unchanged if its CA is one of the system", async () => {
    const dir = await makeExternal("external-system", 7);
    const before = await readPair(dir);
    await copyFile(join(dir, "server.crt"), join(dir, "system.pem"));
    await execa("openssl", ["rehash", dir]);
    await execa(SCRIPT, ["--dir", dir], { env: { SSL_CERT_DIR: dir } });
    expect(await readPair(dir)).toEqual(before);
  });

  it("is replaced with --renew, and keeps its names", async () => {
    const dir = await makeExternal("external.example.org");
    await make(dir, "--renew");
    const server = await readCertificate(join(dir, "server.crt"));
    expect(server.checkIssued(await readCertificate(join(dir, "ca.crt")))).toBe(true);
    expect(server.checkHost("external.example.org")).toBe("external.example.org");
  });

  it("fails and stays unchanged if it does not belong to its key", async () => {
    const dir = await makeExternal("external-pair");
    const other = await makeExternal("external-other");
    await copyFile(join(other, "server.key"), join(dir, "server.key"));
    const before = await readPair(dir);
    const { all, exitCode } = await make(dir);
    expect([exitCode, all]).toEqual([1, expect.stringMatching(/server\.key: DOES NOT BELONG to .*server\.crt/)]);
    expect(await readPair(dir)).toEqual(before);
  });
});

describe("certificates of a previous private CA", () => {
  it("are replaced if the CA was removed, and keep their names", async () => {
    const dir = join(home, "new-ca");
    await make(dir, "broker.example.org", "--client", "phone");
    for (const file of ["ca.crt", "ca.key"]) await rm(join(dir, file));
    expect(await make(dir, "--client", "phone")).toMatchObject({ exitCode: 0 });
    const ca = await readCertificate(join(dir, "ca.crt"));
    const server = await readCertificate(join(dir, "server.crt"));
    expect(server.verify(ca.publicKey)).toBe(true);
    expect(server.checkHost("broker.example.org")).toBe("broker.example.org");
    expect((await readCertificate(join(dir, "client-phone.crt"))).verify(ca.publicKey)).toBe(true);
    expect(await make(dir, "--check")).toMatchObject({ exitCode: 0 });
  });

  it("fail and stay unchanged if ca.crt is another one", async () => {
    const [dir, other] = [join(home, "mixed-ca"), join(home, "mixed-ca-other")];
    for (const each of [dir, other]) await make(each);
    await copyPair(other, dir);
    expect(await make(dir)).toMatchObject({ exitCode: 1, all: expect.stringMatching(/--renew replaces it/) });
    expect(await readPair(dir)).toEqual(await readPair(other));
  });
});

describe("a key that does not belong to its certificate", () => {
  it.each(["server", "client-phone"])("%s: --check fails, and the next run creates both again", async (name) => {
    const [dir, other] = [join(home, `pair-${name}`), join(home, `pair-other-${name}`)];
    for (const each of [dir, other]) await make(each, "--client", "phone");
    await copyFile(join(other, `${name}.key`), join(dir, `${name}.key`));
    const check = await make(dir, "--check");
    expect(check.all).toContain(`${name}.key: DOES NOT BELONG to ${dir}/${name}.crt`);
    expect(check.exitCode).toBe(1);
    await make(dir, "--client", "phone");
    expect(await make(dir, "--check")).toMatchObject({ exitCode: 0 });
  });

  it("--check fails without server.key", async () => {
    const dir = join(home, "no-key");
    await make(dir);
    await rm(join(dir, "server.key"));
    expect(await make(dir, "--check")).toMatchObject({ exitCode: 1 });
  });
});

describe("a replaced certificate", () => {
  const OWNER = 1_883;
  const GROUP = 1_884;

  it.runIf(process.getuid?.() === 0)("and its key keep owner, group and mode", async () => {
    const dir = join(home, "owner");
    await make(dir);
    for (const file of ["server.crt", "server.key"]) await chown(join(dir, file), OWNER, GROUP);
    await chmod(join(dir, "server.key"), 0o440);
    expect(await make(dir, "--renew")).toMatchObject({ exitCode: 0 });
    const [crt, key] = await Promise.all(["server.crt", "server.key"].map((file) => stat(join(dir, file))));
    expect(crt).toMatchObject({ uid: OWNER, gid: GROUP });
    expect(key).toMatchObject({ uid: OWNER, gid: GROUP });
    expect([crt, key].map((each) => (each?.mode ?? 0) & 0o777)).toEqual([0o644, 0o440]);
    expect(await make(dir, "--check")).toMatchObject({ exitCode: 0 });
  });

  it.runIf(process.getuid?.() === 0)("keeps its key if the owner of one of them cannot be kept", async () => {
    // OWNER may not be able to read the home directory and the clone.
    const dir = await mkdtemp(join(tmpdir(), "edgelog-owners-"));
    const script = join(dir, "make-credentials.sh");
    await copyFile(SCRIPT, script);
    await make(dir);
    for (const file of ["", "make-credentials.sh", "ca.crt", "ca.key", "server.key"])
      await chown(join(dir, file), OWNER, GROUP);
    const before = await readPair(dir);
    const as = { uid: OWNER, gid: GROUP, cwd: dir, reject: false, all: true } as const;
    const { all, exitCode } = await execa("sh", [script, "--dir", dir, "--renew"], as);
    const after = await readPair(dir);
    await rm(dir, { recursive: true });
    expect([exitCode, all]).toEqual([2, expect.stringMatching(/cannot keep the owner of .*server\.crt/)]);
    expect(after).toEqual(before);
  });

  it.each([
    { note: "without --dir", args: ["broker.example.org"], message: /certs\/ca\.crt does not exist; pass .* --dir/ },
    { note: "without --dir, also with --renew", args: ["--renew"], message: /pass .* --dir/ },
    { note: "for --renew", args: ["--dir", "missing", "--renew"], message: /missing has no certificate to renew/ },
    { note: "for --check", args: ["--check"], message: /certs\/server\.crt does not exist; pass .* --dir/ },
  ])("creates no CA in a wrong directory $note", async ({ args, message }) => {
    const cwd = await mkdtemp(join(home, "wrong-"));
    const { all, exitCode } = await execa(SCRIPT, args, { cwd, reject: false, all: true });
    expect([exitCode, all]).toEqual([2, expect.stringMatching(message)]);
    expect(await readdir(cwd)).toEqual([]);
  });

  it("needs ca.key, and no run replaces ca.crt", async () => {
    const dir = join(home, "no-ca-key");
    await make(dir);
    const trusted = await readFile(join(dir, "ca.crt"), "utf8");
    await rm(join(dir, "ca.key"));
    expect(await make(dir)).toMatchObject({ exitCode: 0, all: "" });
    expect(await make(dir, "--renew")).toMatchObject({ exitCode: 2, all: expect.stringMatching(/ca\.key is missing/) });
    expect(await readFile(join(dir, "ca.crt"), "utf8")).toBe(trusted);
  });
});

describe("the broker with these certificates", () => {
  let broker: Broker;

  beforeAll(async () => {
    broker = await startBroker({ home });
  });

  afterAll(() => broker.stop());

  it.each(["mqtts", "wss"] as const)(
    "is trusted on %s by clients that trust the CA, and by no other client",
    async (listener) => {
      const { ca } = pathsOf(home);
      const { serialNumber } = await readCertificate(join(pathsOf(home).certs, "server.crt"));
      const port = broker.ports[listener];
      await expect(handshake(port, "localhost", await readFile(ca, "utf8"))).resolves.toBe(serialNumber);
      await make(join(home, "other-ca"));
      const otherCa = await readFile(join(home, "other-ca", "ca.crt"), "utf8");
      await expect(handshake(port, "localhost", otherCa)).rejects.toThrow(/certificate/);
      await expect(handshake(port, "example.org", await readFile(ca, "utf8"))).rejects.toThrow(/altnames/);
    },
  );

  it("uses a renewed certificate after SIGHUP, and clients that trust the CA accept it", async () => {
    const { ca, certs } = pathsOf(home);
    const trusted = await readFile(ca, "utf8");
    const before = await handshake(broker.ports.mqtts, "localhost", trusted);
    await make(certs, "--renew");
    // On SIGHUP Mosquitto reloads the certificates without disconnecting clients.
    broker.kill("SIGHUP");
    await expect
      .poll(() => handshake(broker.ports.mqtts, "localhost", trusted).catch(() => before), { timeout: 5_000 })
      .not.toBe(before);
    expect(await readFile(ca, "utf8")).toBe(trusted);
  });
});
