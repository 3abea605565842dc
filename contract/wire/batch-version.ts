/** By itself, for pages that write or read batches without zod. */

/** The version of the wire format that this contract describes. */
export const BATCH_VERSION = 1;
