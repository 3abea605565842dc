/** Baseline: the cost of measuring. */
export const start = () => () => {};
