/** What one of several concurrent calls asked for and was answered. */
export interface Seen<Op, Outcome> {
  op: Op;
  outcome: Outcome;
}

/**
 * Whether calls that ran at the same time can have taken effect one after the other, in some order, each
 * answered as the model answers it: the definition of linearizable by Herlihy and Wing, for calls that all
 * overlap. Tries every order, so for a handful of calls only.
 *
 * @param apply a model's step: leaves the state as it was and answers the next one
 * @returns the states in which the calls can have left the system; none when nothing explains the answers
 */
export function explanations<State, Op, Outcome>(options: {
  states: readonly State[];
  seen: readonly Seen<Op, Outcome>[];
  apply: (state: State, op: Op) => { state: State; outcome: Outcome };
}): State[] {
  const { seen, apply } = options;
  const found = new Map<string, State>();

  function explore(state: State, left: readonly Seen<Op, Outcome>[]): void {
    if (left.length === 0) {
      found.set(JSON.stringify(state), state);
      return;
    }
    for (const [at, one] of left.entries()) {
      const next = apply(state, one.op);
      if (JSON.stringify(next.outcome) !== JSON.stringify(one.outcome)) continue;
      explore(next.state, [...left.slice(0, at), ...left.slice(at + 1)]);
    }
  }
  for (const state of options.states) explore(state, seen);
  return [...found.values()];
}
