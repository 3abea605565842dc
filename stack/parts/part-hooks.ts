import type { PartName } from "../lib/stack-file.ts";

/** What every starter of a part takes beside its own options. */
export interface PartHooks {
  /** Told about each process of the part, and `undefined` when it is gone. */
  readonly onProcess?: ((name: PartName, pid: number | undefined) => void) | undefined;
}

/** Adds properties to a part; getters of the part stay getters, which a spread would freeze. */
export const extend = <P extends object, E extends object>(part: P, extras: E): P & E =>
  Object.defineProperties(part, Object.getOwnPropertyDescriptors(extras)) as P & E;
