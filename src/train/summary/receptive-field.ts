/**
 * Receptive fields: how many input positions one output position sees along each spatial dimension of [N, C, ...].
 * With `jump`, the input positions between neighbouring outputs, a window of k positions makes a field of
 * `field + (k - 1) * jump`. Source: Araujo et al., "Computing Receptive Fields of Convolutional Neural Networks", 2019.
 */
import type { OpCall } from '../../graph/ir/graph';
import { Tensor } from '../../graph/ir/graph';

/** Along one spatial dimension. */
interface Field {
  size: number;
  jump: number;
}

/** The windows of an op along one dimension; ops that make images larger have a stride below 1. */
interface Windows {
  kernel: number;
  stride: number;
}

/** Undefined where an output sees all of the input. */
type Rule = (call: OpCall, dim: number) => Windows | undefined;

/** The value of an attribute along a spatial dimension. */
const along = (value: number | readonly number[], dim: number): number =>
  typeof value === 'number' ? value : (value[dim] ?? value[0]);

const sizesOf = ({ inputs, outputs }: OpCall, dim: number) => ({
  from: inputs.x.shape[2 + dim] as number,
  to: outputs.y.shape[2 + dim],
});

const dilated = (kernel: number, dilation: number) => dilation * (kernel - 1) + 1;

const conv: Rule = ({ inputs, attrs }, dim) => ({
  kernel: dilated(inputs.weight.shape[2 + dim], along(attrs.dilation, dim)),
  stride: along(attrs.stride, dim),
});

/** Of the positions in between, an output sees those whose kernel reaches it. */
const convTranspose: Rule = ({ inputs, attrs }, dim) => {
  const stride = along(attrs.stride, dim);
  const reach = dilated(inputs.weight.shape[2 + dim], along(attrs.dilation, dim));
  return { kernel: Math.ceil(reach / stride), stride: 1 / stride };
};

const pool: Rule = ({ attrs }, dim) => ({
  kernel: dilated(along(attrs.kernelSize, dim), along(attrs.dilation ?? 1, dim)),
  stride: along(attrs.stride ?? attrs.kernelSize, dim),
});

const adaptive: Rule = (call, dim) => {
  const { from, to } = sizesOf(call, dim);
  return to > 1 ? { kernel: Math.ceil(from / to), stride: from / to } : undefined;
};

const resize: Rule = (call, dim) => {
  const { from, to } = sizesOf(call, dim);
  return { kernel: 1, stride: from / to };
};

const RULES: Readonly<Record<string, Rule>> = {
  conv1d: conv,
  conv2d: conv,
  conv3d: conv,
  convTranspose1d: convTranspose,
  convTranspose2d: convTranspose,
  convTranspose3d: convTranspose,
  maxPool1d: pool,
  maxPool2d: pool,
  maxPool3d: pool,
  avgPool1d: pool,
  avgPool2d: pool,
  avgPool3d: pool,
  lpPool2d: pool,
  adaptiveAvgPool1d: adaptive,
  adaptiveAvgPool2d: adaptive,
  adaptiveAvgPool3d: adaptive,
  adaptiveMaxPool1d: adaptive,
  adaptiveMaxPool2d: adaptive,
  adaptiveMaxPool3d: adaptive,
  globalAvgPool: adaptive,
  globalMaxPool: adaptive,
  interpolate: resize,
  pad: () => ({ kernel: 1, stride: 1 }),
};

/**
 * Follows the fields from the input through the calls. A tensor has none once its positions are mixed or moved, as by
 * flatten, attention or pooling to one position, and in models without any window.
 */
export function receptiveFields(
  input: Tensor,
  calls: readonly OpCall[],
): (tensor: Tensor) => number[] | undefined {
  const fields = new Map<Tensor, Field[]>();
  if (calls.some(({ op }) => RULES[op]))
    fields.set(
      input,
      input.shape.slice(2).map(() => ({ size: 1, jump: 1 })),
    );
  for (const call of calls) {
    const seen = Object.values(call.inputs)
      .flat()
      .filter((x): x is Tensor => x instanceof Tensor && fields.has(x));
    if (seen.length === 0) continue;
    const widest = fields.get(seen[0])!.map((_, dim) => {
      const each = seen.map((x) => fields.get(x)![dim] ?? { size: 1, jump: 1 });
      return each.reduce((a, b) => (b.size > a.size ? b : a));
    });
    for (const output of Object.values(call.outputs)) {
      const rule = RULES[call.op];
      const inPlace = output.shape.slice(2).join() === seen[0].shape.slice(2).join();
      if (output.rank !== seen[0].rank || !(rule || inPlace)) continue;
      const next = widest.map(({ size, jump }, dim) => {
        const windows = rule ? rule(call, dim) : { kernel: 1, stride: 1 };
        return windows && { size: size + (windows.kernel - 1) * jump, jump: jump * windows.stride };
      });
      if (next.every((field) => field !== undefined)) fields.set(output, next);
      else fields.delete(output);
    }
  }
  return (tensor) => {
    const found = fields.get(tensor);
    return found?.length ? found.map(({ size }) => Math.round(size)) : undefined;
  };
}
