/** Makes an error one of the page's, and not of who called: a mistake of the code that shows events ends no tail. */
export const throwAsync = (error: unknown): void => {
  setTimeout(() => {
    throw error;
  });
};
