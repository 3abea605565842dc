/**
 * Node.js has no Workers that share a connection or post for a page.
 */
const fail = (): never => {
  throw new Error("Not available in Node.js");
};

export const startPostWorker: () => Worker = fail;
export const startSharedLinkWorker: () => SharedWorker = fail;
