/** What a stack can be told before it starts. */
import type { Ports } from "./ports.ts";

export interface StackOptions {
  /** The state directory; one stack at a time. */
  readonly home: string;
  /** Default: `ephemeral`, that is, free ones for all that are not given. */
  readonly ports?: "ephemeral" | Partial<Ports>;
  /** Lets apps without a user name publish to the legacy topic. Default: true. */
  readonly legacy?: boolean;
  /** A cluster that is already there; none is started. */
  readonly opensearchUrl?: string | undefined;
  /** What the Worker is told instead of the cluster's URL, for instance a proxy that a test controls. */
  readonly workerOpensearchUrl?: string;
  /** More environment for the relay, more variables for the Worker. */
  readonly env?: {
    readonly relay?: Readonly<Record<string, string>>;
    readonly worker?: Readonly<Record<string, string>>;
  };
  /** Shows no progress on standard output. Default: true. */
  readonly quiet?: boolean;
  /** Told what was done, a line each. */
  readonly onProgress?: (line: string) => void;
}
