/** Options of `startStack`. */
import type { Ports } from "./ports.ts";

export interface StackOptions {
  /** The state directory. Only one stack can use it at a time. */
  readonly home: string;
  /** Ports that are not given, and all with `ephemeral` (the default), are free ones. */
  readonly ports?: "ephemeral" | Partial<Ports>;
  /** Allows clients without a user name to publish to the legacy topic. Default: true. */
  readonly legacy?: boolean;
  /** URL of an existing cluster; OpenSearch is not started. The other services start while a promise is pending. */
  readonly opensearchUrl?: string | Promise<string> | undefined;
  /** The OpenSearch URL of the Worker, for instance a proxy of a test. Default: the cluster's URL. */
  readonly workerOpensearchUrl?: string;
  /** Additional environment variables of the relay and the Worker. */
  readonly env?: {
    readonly relay?: Readonly<Record<string, string>>;
    readonly worker?: Readonly<Record<string, string>>;
  };
  /** Opens the inspector of the Worker. Default: false. */
  readonly inspectsWorker?: boolean;
  /** Runs the Worker's cron jobs at their times. Default: false. */
  readonly crons?: boolean;
  /** Hides the progress on standard output. Default: true. */
  readonly quiet?: boolean;
  /** Called with one line for each finished step. */
  readonly onProgress?: (line: string) => void;
}
