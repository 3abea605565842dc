/** Tests the certificates of make-credentials.sh with a TLS client and with a real broker. */
import { X509Certificate } from "node:crypto";
import { readFile, rm, stat } from "node:fs/promises";
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
