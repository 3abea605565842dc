/** `npm run bench`: the benchmarks, on a stack of their own. */
import "../bench/drain.ts";
