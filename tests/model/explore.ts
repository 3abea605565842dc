/**
 * Explores every reachable state of a model, breadth first, and finds the shortest way to a state that breaks a rule.
 */
export interface Step<State> {
  readonly name: string;
  readonly next: State;
}

export interface Model<State> {
  readonly initial: State;
  /** Every step that may happen in this state, in any order. */
  readonly steps: (state: State) => readonly Step<State>[];
  /** What is wrong with a state; `undefined` when nothing is. */
  readonly violation: (state: State) => string | undefined;
  /** Where all is done. It must stay reachable from every state. */
  readonly isGoal: (state: State) => boolean;
}

export interface Exploration {
  readonly states: number;
  /** The shortest way to a violation, as the names of its steps, then what is wrong. */
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
        counterexample: [...pathTo(stuck), "from here it can never be stored and accounted for"],
      };
};
