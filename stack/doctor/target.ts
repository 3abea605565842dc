/** The deployment that the doctor examines. Checks whose address or credentials are absent are skipped. */
import type { AppCredentials } from "./probe.ts";

export interface DoctorTarget {
  /** URL of the Worker. */
  readonly worker: string;
  readonly credentials: AppCredentials | undefined;
  readonly readerToken: string | undefined;
  /** URL of the relay's HTTP port. */
  readonly relay: string | undefined;
  /** URLs of the broker's public listeners: `mqtts://`, `wss://`. */
  readonly brokers: readonly string[];
}
