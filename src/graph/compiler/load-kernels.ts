/** Loads the code of the kernels that lowering chose, and completes their dispatches with what only the code tells. */
import { assertInternal, formatShape, GradloomError } from '../../errors';
import type { Device } from '../../gpu/device';
import type { KernelDescription } from '../../kernels/kernel';
import { loopRounds, MAX_LOOP_ROUNDS } from '../../kernels/rounds';
import type { Node } from '../ir/graph';
import { workgroupsOf } from '../ir/grid';
import type { Workgroups } from '../ir/op';
import type { LoweredDispatch } from './lower';

/** A dispatch of a kernel whose code is there. */
export interface Dispatch extends LoweredDispatch {
  workgroups: Workgroups;
}

/**
 * All kernels load at once.
 * @throws GradloomError `unsupported` for loops that are too long for the adapter.
 */
export async function loadKernels(
  dispatches: readonly LoweredDispatch[],
  device: Device,
): Promise<Dispatch[]> {
  await Promise.all([...new Set(dispatches.map(({ kernel }) => kernel))].map((kernel) => kernel.load?.()));
  return Promise.all(
    dispatches.map(async (dispatch) => {
      const completed = complete(dispatch, device);
      const { kernel, types } = completed;
      const halves = Object.keys(types).filter((name) => types[name] === 'f16');
      if (halves.length === 0) return completed;
      return { ...completed, kernel: await device.pipelines.half(kernel, halves) };
    }),
  );
}

/** With its kernel as it is, in float32. @throws GradloomError as `loadKernels`. */
export function complete(dispatch: LoweredDispatch, device: Device): Dispatch {
  const { node, kernel, bindings, types, params, constants, size } = dispatch;
  for (const { name, type } of kernel.storage) {
    assertInternal(bindings[name], kernel.name, `binding ${name} is missing`);
    const got = types[name];
    assertInternal(
      !got || type === 'u32' || (type === 'i32') === (got === 'i32'),
      kernel.name,
      `binding ${name} holds ${type}, got ${got}`,
    );
  }
  const workgroups = workgroupsOf(kernel, size, constants);
  if (device.limitsLoops) {
    const rounds = loopRounds(kernel, { params, constants, workgroups });
    if (rounds > MAX_LOOP_ROUNDS) refuseLongLoop(node, kernel, rounds);
  }
  return { ...dispatch, workgroups };
}

/**
 * Lowerings cut long loops into several dispatches; what is beyond that would end early on some drivers, silently.
 * @throws GradloomError `unsupported`.
 */
function refuseLongLoop({ op, inputs }: Node, kernel: KernelDescription, rounds: number): never {
  const shapes = Object.entries(inputs).map(([name, value]) =>
    [value].flat().map((tensor) => `${name} ${formatShape(tensor.shape)}`),
  );
  throw new GradloomError({
    code: 'unsupported',
    op: op.name,
    got: `${shapes.flat().join(', ')}: ${Math.ceil(rounds)} loop rounds in one thread of ${kernel.name}`,
    expected: `at most ${MAX_LOOP_ROUNDS} on a CPU adapter`,
    fix: 'Split the long dimension, or use a GPU',
  });
}
