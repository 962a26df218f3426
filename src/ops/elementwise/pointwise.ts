/**
 * Ops with one input that work element by element. A family of them is one forward and one backward shader with a
 * variant per function, so that an op is no more than a line in a table.
 */
import { throughDecomposition } from '../../graph/compiler/autodiff';
import { activationEpilogue } from '../../graph/ir/epilogue';
import type { Tensor } from '../../graph/ir/graph';
import {
  defineInternal,
  defineOp,
  type ModuleName,
  NotDifferentiable,
  type PublicOp,
} from '../../graph/ir/op';
import type { DType } from '../../graph/ir/variable';
import type { Kernel } from '../../kernels/kernel';
import type * as z from '../../schema';
import { elementThreads } from '../common';
import { type IntegerKernel, runInteger } from './integer';

/** The kernels of an op: y = f(x), and dx from dy and the value (x or y) that f' is written in. */
export type PointwiseKernels = readonly [
  forward: Kernel<'x', 'y'>,
  /** Absent where `gradient` needs none. */
  backward?: Kernel<'value' | 'dy', 'dx'>,
];

/** Input, output and output gradient of a pointwise op, all of one shape. */
export interface PointwiseTensors {
  x: Tensor;
  y: Tensor;
  dy: Tensor;
}

/** One op of a family. */
export interface Pointwise<A extends z.ObjectSchema> {
  /** PyTorch's name in camelCase. */
  name: string;
  aliases?: readonly string[];
  module?: ModuleName;
  /** Description with the formula. */
  doc: string;
  source: string;
  attrs: A;
  /** Its variants of the family's shaders. */
  kernels: PointwiseKernels | ((attrs: z.output<A>) => PointwiseKernels);
  /** The uniform fields other than `n` and `accumulate`. */
  params?: (attrs: z.output<A>) => Record<string, number>;
  /** Takes int32 too and keeps it, by this kernel. */
  integer?: IntegerKernel;
  /** Type of y; a float unless given. */
  dtype?: DType;
  /**
   * What the backward shader reads as `value`: x, or y where that saves keeping x or computing f again; 'zero' for
   * functions whose derivative is 0 everywhere; a function where another op gives the gradient.
   */
  gradient:
    | 'x'
    | 'y'
    | 'zero'
    | ((tensors: PointwiseTensors, attrs: z.output<A>) => Tensor)
    | NotDifferentiable;
  /** dx written with ops, from what the backward shader reads: second derivatives are those of this. */
  slope?: (value: Tensor, dy: Tensor, attrs: z.output<A>) => Tensor;
}

/** Declares an op of a pointwise family. */
export function definePointwise<A extends z.ObjectSchema>(
  declaration: Pointwise<A>,
): PublicOp<['x'], ['y'], A> {
  const { name, kernels, params = () => ({}), gradient, slope, dtype, integer } = declaration;
  const kernelsOf = (attrs: z.output<A>) => (typeof kernels === 'function' ? kernels(attrs) : kernels);
  const epilogueOf = (attrs: z.output<A>, aux?: Tensor) =>
    activationEpilogue(kernelsOf(attrs)[0].variant, aux);
  const pointwiseBackward = defineInternal({
    name: `${name}Backward`,
    inputs: ['value', 'dy'],
    outputs: ['dx'],
    shape: ({ value }) => ({ dx: value.shape }),
    fusion: {
      accumulates: ['dx'],
      asEpilogue: ({ value }, attrs: z.output<A>, through) =>
        through === 'dy' ? epilogueOf(attrs, value) : undefined,
    },
    lower({ value, dy, dx }, attrs: z.output<A>, k) {
      const fields = { n: dx.size, accumulate: k.accumulate('dx'), ...params(attrs) };
      k.dispatch(kernelsOf(attrs)[1]!, { value, dy }, { dx }, fields, elementThreads(dx.size, k.device));
    },
    backward:
      slope &&
      throughDecomposition(({ value, dy }: Record<'value' | 'dy', Tensor>, attrs: z.output<A>) => ({
        dx: slope(value, dy, attrs),
      })),
  });
  const backward = (tensors: PointwiseTensors, attrs: z.output<A>) => {
    if (gradient === 'zero') return {};
    if (typeof gradient === 'function') return { x: gradient(tensors, attrs) };
    return {
      x: pointwiseBackward({ value: gradient === 'y' ? tensors.y : tensors.x, dy: tensors.dy }, attrs).dx,
    };
  };
  return defineOp({
    name,
    aliases: declaration.aliases,
    module: declaration.module,
    doc: declaration.doc,
    source: declaration.source,
    inputs: ['x'],
    dtypes: { x: integer ? 'any' : 'f32' },
    outputs: ['y'],
    attrs: declaration.attrs,
    shape({ x }) {
      const type = dtype ?? (x.dtype === 'i32' ? 'i32' : undefined);
      return { y: type ? { shape: x.shape, dtype: type } : x.shape };
    },
    fusion: { asEpilogue: (_, attrs) => epilogueOf(attrs) },
    lower({ x, y }, attrs, k) {
      if (integer && x.dtype === 'i32') runInteger(k, integer, { x, other: x, y });
      else
        k.dispatch(
          kernelsOf(attrs)[0],
          { x },
          { y },
          { n: y.size, ...params(attrs) },
          elementThreads(y.size, k.device),
        );
    },
    backward: gradient instanceof NotDifferentiable ? gradient : backward,
  });
}
