/** The interface between `npm run bench` and the files in rows/, each of which measures one subject. */
import type { Stack } from "../stack/stack.ts";
import type { RowResult } from "./support/figure.ts";
import type { DrainRounds } from "./support/drain-rounds.ts";

export interface BenchContext {
  /** Number of repetitions of measurements that are compared with each other. */
  readonly rounds: number;
  /** Events of one measurement of throughput. */
  readonly events: number;
  /** Numbers of stored logs at which the row `growth` measures, ascending. */
  readonly storeSizes: readonly number[];
  /** The stack that all rows share. Started by the first call. */
  readonly stack: () => Promise<Stack>;
  /** The state directory of that stack. */
  readonly home: () => Promise<string>;
  /** The interleaved measurements of the ceiling and the drain. Measured by the first call. */
  readonly drainRounds: () => Promise<DrainRounds>;
  /** Shows the progress. */
  readonly log: (line: string) => void;
}

export interface Row {
  /** The value of `--only`. */
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  readonly run: (context: BenchContext) => Promise<Omit<RowResult, "row">>;
}
