/**
 * The certificate and key of the TLS listener. They are read again when they change, so that a renewal needs no restart.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";

export interface TlsPaths {
  /** PEM: the certificate of the server, followed by those of intermediate CAs. */
  readonly cert: string;
  /** PEM, without a passphrase. */
  readonly key: string;
}

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** RFC 3339. */
  readonly validTo: string;
}

/** Throws if a file cannot be read, is not valid, or if the key does not belong to the certificate. */
export const readTlsFiles = async (paths: TlsPaths): Promise<TlsFiles> => {
  const [cert, key] = await Promise.all([readFile(paths.cert), readFile(paths.key)]);
  const certificate = new X509Certificate(cert);
  if (!certificate.checkPrivateKey(createPrivateKey(key))) {
    throw new Error(`The key in ${paths.key} does not belong to the certificate in ${paths.cert}.`);
  }
  // Throws for chains that the listener would not accept.
  createSecureContext({ cert, key });
  return { cert, key, validTo: certificate.validToDate.toISOString() };
};

export interface TlsWatchOptions {
  readonly paths: TlsPaths;
  readonly current: TlsFiles;
  readonly intervalMs: number;
  readonly onChange: (files: TlsFiles) => void;
  /** Called once for each pair of files that cannot be used. The last valid pair stays in use. */
  readonly onInvalid: (error: Error) => void;
}

export interface TlsWatch {
  /** Reads the files now. */
  readonly check: () => Promise<void>;
  readonly stop: () => void;
}

/** Polls, because renewal programs replace files and links in many ways that notifications of the system miss. */
export const watchTlsFiles = ({ paths, current, intervalMs, onChange, onInvalid }: TlsWatchOptions): TlsWatch => {
  let used = current;
  let lastError: string | undefined;
  const check = async (): Promise<void> => {
    try {
      const files = await readTlsFiles(paths);
      lastError = undefined;
      if (files.cert.equals(used.cert) && files.key.equals(used.key)) return;
      used = files;
      onChange(files);
    } catch (error) {
      const problem = error instanceof Error ? error : new Error(String(error));
      if (problem.message === lastError) return;
      lastError = problem.message;
      onInvalid(problem);
    }
  };
  const timer = setInterval(() => void check(), intervalMs);
  return { check, stop: () => clearInterval(timer) };
};
