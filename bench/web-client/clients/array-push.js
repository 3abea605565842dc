/** Baseline: the least work of a logger. */
export const start = () => {
  const list = [];
  return (message, context) => {
    list.push({ message, context });
  };
};
