/**
 * The type of attributes, separate from the schema: the declarations of the published logger must not depend on zod.
 */

/** A map of attributes. Values are JSON; `checkAttributes` bounds their number, length and depth. */
export type Attributes = Readonly<Record<string, unknown>>;
