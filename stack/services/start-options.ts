import type { ServiceName } from "../lib/stack-file.ts";

/** Options common to the start functions of all services. */
export interface StartOptions {
  /** Called with the id of each new process of the service, and with `undefined` when it has exited. */
  readonly onProcess?: ((name: ServiceName, pid: number | undefined) => void) | undefined;
}

/** Adds properties to a service. Getters stay getters; a spread would copy their current values. */
export const extend = <S extends object, E extends object>(service: S, extras: E): S & E =>
  Object.defineProperties(service, Object.getOwnPropertyDescriptors(extras)) as S & E;
