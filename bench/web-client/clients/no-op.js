/** What the measuring itself costs. */
export const start = () => () => {};
