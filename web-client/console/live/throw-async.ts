/** Throws in a new task, as an uncaught error of the page: an exception in a callback must not end the tail. */
export const throwAsync = (error: unknown): void => {
  setTimeout(() => {
    throw error;
  });
};
