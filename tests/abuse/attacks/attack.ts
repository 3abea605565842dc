import type { AbuseStack } from "../abuse-stack.ts";

/** An attack, or an operator's fault that makes all apps depend on the same component. */
export interface Attack {
  readonly name: string;
  /** Whether the attack is part of `--short`. */
  readonly isShort?: boolean;
  /** Bound of the victim's receipt time. Default: 5,000 ms. */
  readonly maxP99Ms?: number;
  /** The messages of the app `demo` are the cause, and relay or Worker receive them: one of them must log its name. */
  readonly isAppAtFault?: boolean;
  /** Nothing can be stored during the attack. Receipt times are counted from its end. */
  readonly isOutage?: boolean;
  /** Attacks for about this time and restores normal operation. Returns other bounds that are broken, as sentences. */
  run(abuse: AbuseStack, durationMs: number): Promise<readonly string[]>;
}
