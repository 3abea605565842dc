/**
 * A TLS proxy that passes only requests with the service token, as Cloudflare Access does in front of a tunnel. Others get
 * a redirect to a login page. Its certificate is from a private CA.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { createServer } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";

export const SERVICE_TOKEN = { id: "3f1c.access", secret: "s3rv1ce-t0ken" } as const;

export interface AccessProxy extends AsyncDisposable {
  readonly url: string;
  readonly passed: () => number;
  readonly refused: () => number;
}

export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Path of the certificate, which is its own CA. */
  readonly path: string;
}

/** @param dir Directory for the two files. */
export const createCertificate = (dir: string): Certificate => {
  const [cert, key] = [join(dir, "proxy.crt"), join(dir, "proxy.key")];
  const subject = ["-subj", "/CN=edgelog test proxy", "-addext", "subjectAltName=DNS:localhost"];
  const options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  execFileSync("openssl", ["req", ...options, "-keyout", key, "-out", cert, ...subject], { stdio: "ignore" });
  return { cert: readFileSync(cert), key: readFileSync(key), path: cert };
};

const hasToken = ({ headers }: IncomingMessage): boolean =>
  headers["cf-access-client-id"] === SERVICE_TOKEN.id && headers["cf-access-client-secret"] === SERVICE_TOKEN.secret;

/** @param certificate Made by {@link createCertificate}. */
export const startAccessProxy = async ({ cert, key }: Certificate, target: string): Promise<AccessProxy> => {
  const { hostname, port } = new URL(target);
  let passed = 0;
  let refused = 0;
  const server = createServer({ cert, key }, (request, response) => {
    if (!hasToken(request)) {
      refused += 1;
      response.writeHead(302, { Location: "https://login.example/" }).end();
      return;
    }
    passed += 1;
    const { method = "GET", url = "/", headers } = request;
    const upstream = httpRequest({ hostname, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    upstream.on("error", () => response.destroy());
    request.pipe(upstream);
  });
  server.on("upgrade", (request: IncomingMessage, socket: Socket) => {
    if (!hasToken(request)) {
      refused += 1;
      socket.end("HTTP/1.1 302 Found\r\nLocation: https://login.example/\r\n\r\n");
      return;
    }
    passed += 1;
    const upstream = connect(Number(port), hostname);
    const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}`);
    upstream.write(`GET ${request.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    upstream.pipe(socket).pipe(upstream);
    upstream.on("error", () => socket.destroy());
    socket.on("error", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    passed: () => passed,
    refused: () => refused,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
