/** Replaces `debug`: always disabled. */
const createDebug = () => (): void => {};

export { createDebug as default, createDebug as "module.exports" };
