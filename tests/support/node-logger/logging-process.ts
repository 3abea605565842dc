/**
 * A program that logs numbered events with the built `edgelog-node` until it is killed, or until its standard input ends.
 *
 * It writes one line of JSON to standard output for each number whose event must be in the outbox, and one with its counts at its end.
 */
import { createInterface } from "node:readline";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";

export interface LoggingOptions {
  /** Path of the built package's main module. */
  readonly module: string;
  /** Options of `createLogger`. */
  readonly logger: object;
  /** Attribute `run` of the events. */
  readonly run: string;
  /** Number of events; it then waits for its standard input to end. Default: it logs until it is killed. */
  readonly events?: number;
  /** Length of the text in addition to the number. */
  readonly padding?: number;
  /** Time for receipts when the standard input ends. Default: 20,000. */
  readonly closeMs?: number;
  /** Whether to end without closing the logger. */
  readonly leave?: boolean;
}

export type LoggingLine = { readonly written: number } | { readonly counts: object; readonly status: string };

interface Log {
  info(body: string, attributes: object): string;
  close(timeoutMs: number): Promise<void>;
  readonly counts: object;
  readonly status: { readonly state: string };
}

const options = JSON.parse(process.argv[2] ?? "{}") as LoggingOptions;
const { createLogger } = (await import(options.module)) as { readonly createLogger: (options: object) => Log };
const log = createLogger(options.logger);
const write = (line: LoggingLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

for (let n = 0; n < (options.events ?? Infinity); n++) {
  log.info(`event ${n} ${"x".repeat(options.padding ?? 0)}`, { run: options.run, n });
  await setImmediate();
  if (n % 5 > 0) continue;
  // The documented promise: written before the next turn of the event loop has ended.
  await sleep(2);
  write({ written: n });
}
if (options.leave !== true) {
  for await (const _line of createInterface({ input: process.stdin }));
  await log.close(options.closeMs ?? 20_000);
  write({ counts: log.counts, status: log.status.state });
}
