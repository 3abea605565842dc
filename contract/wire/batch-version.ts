/** The version of the batch format, in a file without zod for the pages that write or read batches. */

/** The value of `v` in a batch. */
export const BATCH_VERSION = 1;
