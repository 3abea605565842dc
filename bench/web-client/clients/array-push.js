/** The least that a logger can do. */
export const start = () => {
  const list = [];
  return (message, context) => {
    list.push({ message, context });
  };
};
