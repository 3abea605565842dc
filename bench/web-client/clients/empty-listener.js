/** What it costs that anybody listens at all. */
export const start = () => {
  addEventListener("error", () => {});
  addEventListener("unhandledrejection", () => {});
  return () => {};
};
