/**
 * Listeners that are called later, each in a microtask of its own: what a page's listener does or throws is the
 * page's own affair and never happens inside `log()`.
 */

/** Receives one kind of news. */
export type Listener<Value> = (value: Value) => void;

/** A list of listeners. */
export interface Emitter<Value> {
  /** Returns what ends it. */
  on(listener: Listener<Value>): () => void;
  emit(value: Value): void;
}

/** Creates one without listeners. */
export const createEmitter = <Value>(): Emitter<Value> => {
  const listeners = new Set<Listener<Value>>();
  return {
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    emit(value) {
      for (const listener of listeners) queueMicrotask(() => listener(value));
    },
  };
};
