/** Values written to state: what moves a buffer of a module in training. */
import { viewOf } from '../../graph/ir/graph';
import { defineInternal, notDifferentiable } from '../../graph/ir/op';
import { runCopy, wholeView } from './strided';

/** state = value, for all that reads it from here on. */
export const assign = defineInternal({
  name: 'assign',
  inputs: ['value', 'state'],
  outputs: ['state'],
  shape: ({ state }) => ({ state: viewOf(state, state.shape) }),
  lower: ({ value, state }, _, k) =>
    runCopy(k, value, wholeView(value.shape), state, wholeView(state.shape), 0),
  backward: notDifferentiable('state has no gradient'),
});
