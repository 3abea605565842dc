/** `debug`, always off. */
const createDebug = () => (): void => {};

export { createDebug as default, createDebug as "module.exports" };
