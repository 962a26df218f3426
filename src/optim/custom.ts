/** Optimizers that users define: an update kernel of their own over runs of parameters. */
import { GradloomError, nearest } from '../errors';
import { elementThreads } from '../graph/compiler/heuristics';
import type { Tensor } from '../graph/ir/graph';
import { defineInternal } from '../graph/ir/op';
import type { Kernel } from '../kernels/kernel';
import type { Optimizer, UpdateSegment } from './optimizer';

/**
 * An optimizer with a kernel of one's own, which updates a run of `params.n` floats in place. Bindings of the kernel:
 * `p` (parameters) and the names in `state` (zero at first) read_write, `grad` read, and `scale` read: gradients count times
 * `scale[0] * step.grad_scale`, which is where clipping by norm and accumulated gradients come in. Uniform `step` has the
 * learning rate `lr` and what `derive` gives as `h0`, `h1`, ... (lib/step.wgsl).
 */
export interface CustomOptimizer {
  /** Name in error messages. */
  name: string;
  /** `await defineKernel(wgsl)`. */
  kernel: Kernel;
  /** Learning rate. */
  lr: number;
  /** Names of what is kept per parameter. Default none. */
  state?: readonly string[];
  /** Further fields of the kernel's uniform struct `params`. */
  params?: Readonly<Record<string, number>>;
  /** Up to five values of update number `index` (from 0), computed in float64. */
  derive?(index: number, learningRate: number): number[];
}

/**
 * An optimizer for `TrainStep` and `Trainer`: `optimizer: defineOptimizer({ ... })`.
 * @throws GradloomError `argument` where the kernel's bindings and fields are not those that it gets.
 */
export function defineOptimizer(definition: CustomOptimizer): Optimizer {
  const { name, kernel, lr, state = [], params = {}, derive = () => [] } = definition;
  if (!(lr >= 0)) throw fail(name, 'lr', String(lr), 'a number from 0');
  checkBindings(definition);
  checkFields(definition);
  return {
    type: name,
    learningRate: lr,
    stateNames: state,
    inPlaceOnly: true,
    derive,
    update(segment) {
      const { parameters: p, gradients: grad, scale } = segment;
      if (segment.clipValue >= 0) {
        throw fail(
          name,
          'clip.value',
          String(segment.clipValue),
          'no clipping by value',
          'Clip in the kernel',
        );
      }
      const states = Object.fromEntries(state.map((key, i) => [key, segment.state[i]]));
      updateOp({ p, grad, scale, states: Object.values(states) }, { kernel, params, state, segment });
    },
  };
}

const updateOp = defineInternal({
  name: 'customOptimizer',
  inputs: ['p', 'grad', 'scale', '...states'],
  outputs: [],
  shape: () => ({}),
  lower(
    { p, grad, scale, states },
    {
      kernel,
      params,
      state,
      segment,
    }: Pick<Required<CustomOptimizer>, 'kernel' | 'params' | 'state'> & { segment: UpdateSegment },
    k,
  ) {
    const { size, after, stepSlot } = segment;
    const writes: Record<string, Tensor> = { p };
    state.forEach((key, i) => {
      writes[key] = states[i];
    });
    const options = { alsoReads: after, stepSlot };
    k.dispatch(
      kernel,
      { grad, scale },
      writes,
      { n: size, ...params },
      elementThreads(size, k.device),
      options,
    );
  },
});

function checkBindings({ name, kernel, state = [] }: CustomOptimizer): void {
  const wanted: Record<string, 'read' | 'read_write'> = { grad: 'read', scale: 'read', p: 'read_write' };
  for (const key of state) wanted[key] = 'read_write';
  for (const [key, access] of Object.entries(wanted)) {
    const binding = kernel.storage.find((found) => found.name === key);
    if (binding?.access === access && binding.type === 'f32') continue;
    const got = binding ? `${binding.access} of ${binding.type}` : 'no such binding in the kernel';
    throw fail(name, key, got, `var<storage, ${access}> ${key}: array<f32>`);
  }
  const known = Object.keys(wanted);
  const unknown = kernel.storage.find((binding) => !known.includes(binding.name));
  if (unknown) {
    const near = nearest(unknown.name, known);
    throw fail(
      name,
      unknown.name,
      'a binding that nothing is given for',
      known.join(', '),
      near && `Did you mean ${near}?`,
    );
  }
  if (kernel.step === undefined) {
    throw fail(
      name,
      'step',
      'no uniform step in the kernel',
      'step.lr and step.grad_scale, as lib/step.wgsl has them',
    );
  }
}

function checkFields({ name, kernel, params = {} }: CustomOptimizer): void {
  const fields = Object.keys(kernel.params?.fields ?? {});
  if (!fields.includes('n'))
    throw fail(name, 'params.n', 'no such field in the kernel', 'n: u32, the floats of the run');
  const missing = fields.find((field) => field !== 'n' && !(field in params));
  if (missing) throw fail(name, `params.${missing}`, 'missing', 'a value for every field of the kernel');
  const unknown = Object.keys(params).find((field) => !fields.includes(field));
  if (unknown) throw fail(name, `params.${unknown}`, 'no field of the kernel', `one of ${fields.join(', ')}`);
}

const fail = (op: string, argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op, argument, got, expected, fix });
