/** What the loss function of a step returns, and how it comes back to the host. */
import { formatShape, GradloomError } from '../errors';
import { Tensor } from '../graph/ir/graph';
import type { Plan } from '../graph/runtime/plan';

/** The name of the only optimizer, and of its loss. */
export const SINGLE = 'loss';

/** Values with their shape. */
export interface HostArray {
  shape: number[];
  data: Float32Array | Int32Array;
}

/** Numbers, or values with a shape where there are several, by name. */
export type StepOutputs = Record<string, number | HostArray>;

/**
 * Loss and metrics by name.
 * @param losses names of the losses, each of which has to be there
 * @throws GradloomError `shape` for losses that are missing or no scalars, and for what is no tensor.
 */
export function outputsOf(result: unknown, losses: readonly string[]): Record<string, Tensor> {
  const fail = (argument: string, got: string, expected: string, fix?: string) =>
    new GradloomError({ code: 'shape', op: 'TrainStep', argument, got, expected, fix });
  const found: Record<string, unknown> =
    result instanceof Tensor ? { [SINGLE]: result } : { ...(result ?? {}) };
  for (const [name, value] of Object.entries(found)) {
    if (value instanceof Tensor) continue;
    throw fail(name, value === undefined ? 'undefined' : `a ${typeof value}`, 'a tensor');
  }
  const outputs = found as Record<string, Tensor>;
  for (const name of losses) {
    const loss = outputs[name];
    if (!loss) {
      const got = `outputs ${Object.keys(outputs).join(', ') || 'none'}`;
      throw fail(name, got, `a scalar ${name}, which the optimizer of this name minimizes`);
    }
    if (loss.size === 1) continue;
    const fix = "Reduce it: reduction 'mean' or 'sum', or ops.mean(...)";
    throw fail(name, formatShape(loss.shape), 'one number per batch', fix);
  }
  return outputs;
}

/** The outputs of the runs submitted so far: numbers, or values with a shape. The copies are submitted at once. */
export async function readOutputs(plan: Plan): Promise<StepOutputs> {
  const entries = plan.outputNames.map(async (name) => {
    const { shape } = plan.outputTensor(name);
    const data = await plan.read(name);
    return [name, data.length === 1 ? data[0] : { shape: [...shape], data }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
