export interface Loops {
  /** Resolves when the steps that have started are done. */
  stop(): Promise<void>;
}

/** Repeats `step` in `count` concurrent loops until they are stopped. */
export const startLoops = (step: () => Promise<void>, count = 1): Loops => {
  let isStopping = false;
  const run = async (): Promise<void> => {
    while (!isStopping) await step();
  };
  const runs = Promise.all(Array.from({ length: count }, run));
  return {
    async stop() {
      isStopping = true;
      await runs;
    },
  };
};
