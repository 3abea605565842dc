/** Baseline: the cost of an empty error listener. */
export const start = () => {
  addEventListener("error", () => {});
  addEventListener("unhandledrejection", () => {});
  return () => {};
};
