/** Multiply-adds of the calls of a graph, by the rules of the ops (`src/ops/rules.ts` says what counts). */
import type { OpCall } from '../../graph/ir/graph';

/** Multiply-adds of each call; what a call with a rule calls itself counts as nothing. */
export function multAddsOf(calls: readonly OpCall[]): number[] {
  const counts = new Array<number>(calls.length).fill(0);
  for (let i = calls.length - 1; i >= 0; i--) {
    const { rules, inputs, outputs, first } = calls[i];
    if (!rules.multAdds) continue;
    counts[i] = rules.multAdds({ ...inputs, ...outputs });
    i = first;
  }
  return counts;
}
