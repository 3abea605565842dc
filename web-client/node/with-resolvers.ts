/**
 * `Promise.withResolvers`, which Node.js 20 lacks. The build puts this function in its place.
 */
export const withResolvers = <Value>(): PromiseWithResolvers<Value> => {
  let resolvers: Omit<PromiseWithResolvers<Value>, "promise"> | undefined;
  const promise = new Promise<Value>((resolve, reject) => {
    resolvers = { resolve, reject };
  });
  if (resolvers === undefined) throw new Error("The executor of a promise is called at once");
  return { promise, ...resolvers };
};
