/** Explores all reachable states of a model, breadth first, and finds the shortest path to a state that violates a rule. */
export interface Step<State> {
  readonly name: string;
  readonly next: State;
}

export interface Model<State> {
  readonly initial: State;
  /** All possible steps in a state. */
  readonly steps: (state: State) => readonly Step<State>[];
  /** The violated rule, or `undefined`. */
  readonly violation: (state: State) => string | undefined;
  /** Whether a state is final. A final state must be reachable from every state. */
  readonly isGoal: (state: State) => boolean;
}

export interface Exploration {
  readonly states: number;
  /** The names of the steps on the shortest path to a violation, then the violation. */
  readonly counterexample?: readonly string[];
}

interface Visited<State> {
  readonly state: State;
  readonly cameFrom?: string;
  readonly by?: string;
}

/** States are compared by their JSON. */
export const explore = <State>(model: Model<State>): Exploration => {
  const visited = new Map<string, Visited<State>>();
  const reverse = new Map<string, string[]>();
  const keyOf = (state: State): string => JSON.stringify(state);
  const pathTo = (key: string): readonly string[] => {
    const names: string[] = [];
    for (
      let at: Visited<State> | undefined = visited.get(key);
      at?.cameFrom !== undefined;
      at = visited.get(at.cameFrom)
    ) {
      names.unshift(at.by ?? "");
    }
    return names;
  };

  visited.set(keyOf(model.initial), { state: model.initial });
  const queue = [keyOf(model.initial)];
  for (let i = 0; i < queue.length; i += 1) {
    const key = queue[i] ?? "";
    const { state } = visited.get(key) ?? { state: model.initial };
    const wrong = model.violation(state);
    if (wrong !== undefined) return { states: visited.size, counterexample: [...pathTo(key), wrong] };
    for (const { name, next } of model.steps(state)) {
      const nextKey = keyOf(next);
      reverse.set(nextKey, [...(reverse.get(nextKey) ?? []), key]);
      if (visited.has(nextKey)) continue;
      visited.set(nextKey, { state: next, cameFrom: key, by: name });
      queue.push(nextKey);
    }
  }

  const canFinish = new Set(queue.filter((key) => model.isGoal((visited.get(key) ?? { state: model.initial }).state)));
  const back = [...canFinish];
  for (let key = back.pop(); key !== undefined; key = back.pop()) {
    for (const before of reverse.get(key) ?? []) {
      if (canFinish.has(before)) continue;
      canFinish.add(before);
      back.push(before);
    }
  }
  const stuck = queue.find((key) => !canFinish.has(key));
  return stuck === undefined
    ? { states: visited.size }
    : {
        states: visited.size,
        counterexample: [...pathTo(stuck), "can no longer be stored and receive a receipt"],
      };
};
