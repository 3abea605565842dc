import type { AbuseStack } from "../abuse-stack.ts";

/** An attack, or an operator's fault that makes all apps depend on the same component. */
export interface Attack {
  readonly name: string;
  /** Whether the attack is part of `--short`. */
  readonly isShort?: boolean;
  /** Bound of the victim's receipt time. Default: 5,000 ms. */
  readonly maxP99Ms?: number;
  /** Bound of the broker's resident memory in MB. Default: no bound. */
  readonly maxBrokerMb?: number;
  /**
   * The page that describes why this attack breaks the bounds of receipt times and of new connections, and the remedy. They
   * are then reported and do not count as broken. Lost and doubled events always count.
   */
  readonly knownIn?: string;
  /** The messages of the app `demo` are the cause, and relay or Worker receive them: one of them must log its name. */
  readonly isAppAtFault?: boolean;
  /** Nothing can be stored during the attack. Receipt times are counted from its end. */
  readonly isOutage?: boolean;
  /** Attacks for about this time and restores normal operation. Returns other bounds that are broken, as sentences. */
  run(abuse: AbuseStack, durationMs: number): Promise<readonly string[]>;
}
