/** Values of a state dict for the variables of a module: all of them are checked before any is changed. */
import { formatShape, GradloomError, nearest, showValue } from '../errors';
import type { Variable } from '../graph/ir/variable';
import type { StateDict } from '../io/state-dict';
import { floatsOf } from '../numbers';

/**
 * Entries of files that are no weights: the batch counter of PyTorch's batch norms, and the sections of checkpoints, whose
 * names begin with `@`.
 */
export const isNoWeight = (name: string) => /^@|(^|\.)num_batches_tracked$/.test(name);

const fail = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op: 'loadStateDict', argument, got, expected, fix });

/**
 * Assigns the values of `state` to the variables of these names; tied variables stand under several.
 * @throws GradloomError as `Module.loadStateDict`.
 */
export function assignState(named: ReadonlyMap<string, Variable>, state: StateDict, strict: boolean): void {
  if (typeof state !== 'object' || state === null || Array.isArray(state) || state instanceof Map) {
    const fix = state instanceof Map ? 'Object.fromEntries(map) makes one of a Map' : undefined;
    throw fail('state', showValue(state), 'tensors by name', fix);
  }
  const values = new Map<Variable, { name: string; data: Float32Array }>();
  for (const [name, tensor] of Object.entries(state)) {
    const variable = named.get(name);
    if (!variable) {
      if (!strict || isNoWeight(name)) continue;
      const near = nearest(name, [...named.keys()]);
      throw fail(name, 'not in the model', 'a name of the model', near && `Did you mean ${near}?`);
    }
    const data = valuesOf(name, tensor, variable);
    const other = values.get(variable);
    if (other?.data.some((value, i) => !Object.is(value, data[i]))) {
      const fix = `Leave one of ${other.name} and ${name} out, or give both the same values`;
      throw fail(name, `other values than ${other.name}`, 'the same: the model has one tensor for both', fix);
    }
    values.set(variable, { name, data });
  }
  const missing = [...named].find(([, variable]) => !values.has(variable));
  if (strict && missing) {
    const fix = 'Pass { strict: false } to keep initial values';
    throw fail(missing[0], 'missing', 'a value for every parameter and buffer', fix);
  }
  for (const [variable, { data }] of values) variable.data = data;
}

/** A copy of the values for a variable. */
function valuesOf(name: string, tensor: unknown, variable: Variable): Float32Array {
  const { shape, data } = (tensor ?? {}) as { shape?: unknown; data?: ArrayLike<unknown> };
  if (!Array.isArray(shape) || data === undefined || data === null) {
    throw fail(name, showValue(tensor), 'a tensor { shape, data }');
  }
  const floats = floatsOf(data, { op: 'loadStateDict', argument: name });
  if (shape.join() !== variable.shape.join() || floats.length !== variable.size) {
    throw fail(name, `${formatShape(shape)} with ${floats.length} values`, formatShape(variable.shape));
  }
  return Float32Array.from(floats);
}
