/**
 * The end of the process, for all loggers with one listener of each event: Node.js warns of a leak from the eleventh listener on.
 */
type ProcessEvent = "beforeExit" | "exit";

const callbacksOf = new Map<ProcessEvent, Set<() => void>>();

/** Calls `callback` for each event until the returned function is called. */
export const onProcess = (event: ProcessEvent, callback: () => void): (() => undefined) => {
  let callbacks = callbacksOf.get(event);
  if (callbacks === undefined) {
    const added = new Set<() => void>();
    callbacks = added;
    callbacksOf.set(event, added);
    process.on(event, () => {
      for (const each of added) each();
    });
  }
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
  };
};
