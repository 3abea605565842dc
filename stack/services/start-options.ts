import type { ServiceName } from "../lib/stack-file.ts";

/** What every starter of a service takes beside its own options. */
export interface StartOptions {
  /** Told about each process of the service, and `undefined` when it is gone. */
  readonly onProcess?: ((name: ServiceName, pid: number | undefined) => void) | undefined;
}

/** Adds properties to a service; getters of the service stay getters, which a spread would freeze. */
export const extend = <P extends object, E extends object>(service: P, extras: E): P & E =>
  Object.defineProperties(service, Object.getOwnPropertyDescriptors(extras)) as P & E;
